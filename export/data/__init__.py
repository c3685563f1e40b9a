"""Where data comes from: packages, downloads, folders of pictures. Files in, arrays and entries out."""
