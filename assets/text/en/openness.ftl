# Openness
