"""What is simulated: site, world, people, car, chance, and the files that say so."""
