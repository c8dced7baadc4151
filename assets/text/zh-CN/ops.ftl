# 平台运维、审计

job-notices = 发送通知
job-due = 到期处理
job-openness-rollup = 机时汇总
job-voucher-lapse = 创新券失效
job-audit = 账目核对与审计封存

state-notice-waiting = 待发送
state-notice-retrying = 待重试
state-notice-failed = 已放弃
state-notice-delivered = 已发送

done-job-passed = 已运行，成功。
done-job-started = 已开始运行，时间较长，稍后刷新查看结果。
done-notice-again = 已重新排队，很快再试。

ops-jobs-title = 定时任务
ops-jobs-lead = 失败的排在前面。错过的运行只补最近一次。
ops-job = 任务
ops-last = 上次
ops-next = 下次
ops-outcome = 结果
ops-report = 数目
ops-never = 还没有运行过
ops-by-hand = 手工
ops-runs = 最近的运行
ops-instant = 对应时刻
ops-begun = 开始于
ops-node = 节点
ops-length = 用时
ops-run-title = 手工运行
ops-run-button = 运行
ops-run-lead = 任务可以重复运行，不会重复记账或重复发信。
ops-run-at = 按哪个时刻运行
ops-run-at-hint = 留空就是现在；可以是已经运行过的时刻
ops-given-up = { $count } 封通知已放弃发送
ops-given-up-look = 查看原因，排除后重新发送

ops-outbox-title = 通知
ops-outbox-lead = 每封通知的去向。这里看不到内容，也看不到发给谁。
ops-outbox-empty = 没有这样的通知
ops-all = 全部
ops-event = 事件
ops-object = 对象
ops-queued = 生成
ops-tries = 次数
ops-error = 最近的错误
ops-again = 再试
ops-again-at = 再试于

ops-health-title = 运行状况
ops-health-lead = 机器可读的在：
ops-version = 版本
ops-engine = 数据库
ops-clock = 系统时间
ops-mails-waiting = 待发通知
ops-mails-retrying = 待重试通知
ops-mails-given-up = 已放弃通知
ops-oldest = ，最早的生成于 { $at }
ops-touched-days = 待汇总的机时（台·天）
ops-unsealed = 待封存的审计记录
ops-seal = 最近一次封存
ops-seal-is = 第 { $number } 号，{ $records } 条记录，
ops-no-seal = 还没有封存过

audit-title = 审计记录
audit-sealed = 最近的封存是第 { $number } 号：
audit-object = 对象
audit-object-hint = 编号，或预约号、兑付申请号
audit-person = 人员
audit-action = 动作
audit-action-hint = 如 claim.approve，可以只写开头
audit-when = 时间
audit-facts = 内容
audit-seal = 封存号
audit-empty = 没有符合的记录
