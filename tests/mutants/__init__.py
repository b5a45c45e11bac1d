"""Mutation testing of the code that bears verdicts: would a test notice if a line were wrong?"""
