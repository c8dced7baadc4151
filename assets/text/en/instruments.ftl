# Instruments: catalogue, one instrument, the lab's own
