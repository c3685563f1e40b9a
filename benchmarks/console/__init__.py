"""What the commands of every room share: where files lie, arguments, the terminal."""
