"""What the commands of export share: options, the export of several recipes, tables, exit codes."""
