"""What is edited by hand: the hidden layers, and the data as pictures; small components with scripts of their own."""
