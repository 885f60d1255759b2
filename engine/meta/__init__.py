"""Learning to learn: the meta-learners that the text, image and audio engines stand on."""
