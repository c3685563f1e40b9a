"""What recipes of one kind share: networks, pretrained weights, training."""
