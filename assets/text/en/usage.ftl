# Recorded use

conflict-voided = This segment is void already
