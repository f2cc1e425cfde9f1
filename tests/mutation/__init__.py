"""What the tests of codec, safety and governor notice when one token of them is wrong."""
