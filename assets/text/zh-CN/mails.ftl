# 通知邮件

mail-footer = 这封信由系统发出，请勿直接回复。
mail-fact = { $label }：{ $value }
