"""What a reader that a file has taken over would do, tried from inside a reading process.

`acts` has the acts, `bombs` what would fill the machine or whoever waits for the answer, `world`
what they aim at and how it is seen from outside, `app` the process that plays the program,
`started` starts it as some user, and `python -m tests.fence` prints the table of all of it.
"""
