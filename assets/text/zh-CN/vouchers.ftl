# 创新券：申领、冻结、兑付、流水

part-redeemed = 已兑付
part-claimed = 申请中
part-held = 冻结
part-available = 可用
part-lapsed = 失效
part-returned = 退回

flag-no_automatic_evidence = 没有仪器自动记录佐证
flag-over_quote = 实际费用 { $actual_fen }，超过报价 { $quote_fen } 的 150%

why-use_is_over = 这一年度的使用期已经结束
why-below_granted = 不能少于已发放的 { $granted_fen } 所需的预算
why-below_redeemed = 不能少于已兑付的 { $redeemed_fen }
why-above_available = 超出可用余额，至多 { $most_fen }
conflict-not_in_force = 方案还没有生效
why-empty = 文件是空的
why-file_too_large = 每份文件最多 20 MB
why-file_type = 只收 PDF、JPEG、PNG 或 XLSX，按内容判断
conflict-in_live_claim = 预约已在另一份有效的兑付申请中
