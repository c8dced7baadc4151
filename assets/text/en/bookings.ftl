# Bookings: request, answer, use, statement
