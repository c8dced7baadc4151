# Instruments: catalogue, one instrument, the lab's own

why-duplicate = Exists already at your institution
why-waits = Not supported yet; leave it out
why-not_a_region = Must be a region code of six digits
why-not_a_uscc = Is no unified social credit code
why-check_the_unit = Is this yuan or 10,000 yuan? Write the unit, and check the amount
why-unlike_its_band = Does not lie in the band beside it; check the unit (yuan or 10,000 yuan)
why-retired = That instrument is retired and cannot be changed
why-not_a_weekday = Must be 1 (Monday) to 7 (Sunday), and only on a working day
