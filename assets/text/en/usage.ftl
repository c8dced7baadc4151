# Recorded use
