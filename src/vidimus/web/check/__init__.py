"""Check a copy: the form, the question in a request, the queue, the answer."""
