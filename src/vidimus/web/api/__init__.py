"""The door for programs: POST /check and its description."""
