# 结算单

statements-title = 结算单
statements-lead = { $waiting ->
    [0] 没有等您开的结算单
   *[other] { $waiting } 单等您开出
 }{ $disputed ->
    [0] 。
   *[other] ，{ $disputed } 单对方有异议。
 }
statements-waiting = 待开
statements-waiting-note = 按用机记录和约定单价算，开出后 10 天无异议即确认
statements-none = 没有待开的结算单
statements-none-text = 用过的预约结束后会出现在这里。
statements-used = 实用 { $used }，报价 { $quote }
statements-unused = 没有用机记录，报价 { $quote }
statements-issue = 开出
statements-look = 查看…
statements-disputed = 对方有异议
statements-disputed-note = 重新开出后，10 天重新计
statements-said = 对方说：
statements-again = 重新开出
statements-issued = 等对方确认
statements-issued-note = 到期没有异议，自动确认
statements-customer = 企业
statements-due = 自动确认
statements-amount = 金额（元）
statements-settled = 已结算
statements-settled-none = 还没有已结算的预约
statements-settled-at = 结算时间
statements-one = 结算单
statements-use = 用机记录
statements-use-note = 同一时刻只算一次
statements-no-use = 没有用机记录
statements-no-use-text = 补录用机，或者填写金额并说明理由。
statements-quote = 报价
statements-hourly = 每小时 { $price }
statements-computed = 按用机应收
statements-computed-note = { $used } × 每小时 { $price }
statements-versions = 开出过的结算单
statements-version = 第 { $version } 版
statements-issue-title = 开出结算单
statements-issue-amount = 开出结算单（按用机 { $amount }）
statements-issue-lead = 开出后企业会收到通知，10 天内无异议即自动确认，创新券按实际金额调整。
statements-held = 这次预约冻结着创新券 { $held }。
statements-actual-hint = 空着就按用机记录计算
statements-reason-hint = 金额与记录不同时必填，企业看得到
statements-reason-needed = 没有用机记录，请说明金额的依据，企业看得到
statements-is-disputed = 有异议
statements-is-confirmed = 已确认
done-statement-issued = 结算单已开出。

charge-use = 机时费
charge-adjustment = 调整
