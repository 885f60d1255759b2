"""Foreign files are decoded in a child process: what a decoder does there harms nothing else.

The engine starts one child and uses it again and again (`decoder`). In it the decoders of the media
run, without torch, confined as far as the system allows (`confinement`). What they return comes
back as plain data (`wire`), never as a pickle: a child that a file took over can tell no more than
numbers and words.
"""
