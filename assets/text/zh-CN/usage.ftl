# 用机记录

conflict-voided = 这条记录已经作废
