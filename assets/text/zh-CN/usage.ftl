# 用机记录

conflict-voided = 这条记录已经作废

use-title = 用机记录
use-lead = { $days }，{ $total } 条记录。{ $missing ->
    [0] 没有预约缺用机记录。
   *[other] { $missing } 个预约还没有用机记录。
 }
use-missing = 缺用机记录
use-missing-note = 时间已过，没有记录就只能说明理由后按约定金额结算
use-record-this = 补录
use-records = 记录
use-records-note = 记错了就作废重录，不能改
use-all-instruments = 全部仪器
use-instrument = 仪器
use-none = 这段时间没有记录
use-none-text = 换一台仪器或一段时间，或在旁边补录。
use-time = 时间
use-for = 为谁
use-phase = 阶段
use-source = 来源
use-length = 时长
use-void = 已作废
use-automatic = 仪器自动上报
use-internal = 校内
use-record = 补录用机
use-record-button = 记录用机
use-ends-hint = 一条最长 31 天
use-booking = 预约编号
use-booking-hint = 例如 YQ-7K3M9Q，必须是这台仪器的预约
use-organisation = 使用单位
use-organisation-hint = 统一社会信用代码；空着是校内使用
use-purpose-default = 按预约，没有预约按研发
use-samples = 样品数
use-many = 成批上报
use-many-text = 仪器程序用自己的令牌调用接口，一次最多 10,000 条；表格由平台运维用 yiqi import usage 读入，表头是：
use-many-replay = 同一条再报一次没有影响；编号相同、内容不同的会被拒绝。
use-segment = 一条用机记录
use-facts = 记了什么
use-received = 收到
use-key = 编号
use-void-title = 作废这条记录
use-void-button = 作废记录
use-void-lead = 作废后不计机时，所涉日期重新计算。编号不能再用，正确的请另行补录。
done-use-recorded = 用机已记录。
done-use-voided = 记录已作废，所涉日期会重新计算。

phase-startup = 开机准备
phase-run = 运行
phase-postprocess = 后处理
phase-maintenance = 维护
phase-training = 培训
phase-fault = 故障
source-meter = 电流监测
source-card = 刷卡
source-qr = 扫码
source-agent = 采集程序
source-staff = 人工登记
source-import = 批量导入
