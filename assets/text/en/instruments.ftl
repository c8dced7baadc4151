# Instruments: catalogue, one instrument, the lab's own

why-duplicate = Exists already at your institution
why-waits = Not supported yet; leave it out
why-not_a_region = Must be a region code of six digits
why-not_a_uscc = Is no unified social credit code
