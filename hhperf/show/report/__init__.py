"""What is handed on: a page, a comment for a pull request, or test cases for CI."""
