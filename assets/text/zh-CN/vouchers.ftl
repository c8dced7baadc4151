# 创新券：申领、冻结、兑付、流水

part-redeemed = 已兑付
part-claimed = 申请中
part-held = 冻结
part-available = 可用
part-lapsed = 失效
part-returned = 退回
