# Mails

mail-footer = This mail was sent by the system; please do not reply.
mail-fact = { $label }: { $value }
