"""What is measured, and the simulated copies that it is measured on."""
