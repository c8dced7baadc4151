# 错误：先说结果，再说怎么办。problem-代码：标题、经过（-detail）、办法（-remedy，只在页面上）。

problem-bad_request = 请求读不懂
problem-bad_request-detail = 请求不完整或格式不对，没有做任何改动。
problem-bad_request-remedy = 请返回上一页重新提交；程序请对照接口说明检查内容。
problem-unauthorized = 需要先登录
problem-unauthorized-detail = 没有登录，或登录已过期。
problem-unauthorized-remedy = 登录后会回到这一页。
problem-forbidden = 您的身份不能做这件事
problem-forbidden-detail = 您现在代表的单位和角色没有这项权限。
problem-forbidden-remedy = 若您有别的身份，可在页首切换；否则请本单位管理员办理。
problem-not_found = 没有这一页
problem-not_found-detail = 地址不对，或者内容不对您开放。
problem-not_found-remedy = 可以从首页搜索仪器，或从上方导航进入。
problem-method_not_allowed = 这个地址不支持该操作
problem-method_not_allowed-detail = 地址存在，但不接受这种请求方式。
problem-method_not_allowed-remedy = 请从页面上的按钮操作；程序请看回应中的 Allow。
problem-slot_taken = 这段时间已被占用
problem-slot_taken-detail = 这段时间与已有占用重叠，您的请求没有生效。
problem-slot_taken-remedy = 换一段空闲时间即可，填过的内容都还在。
problem-state_conflict = 情况已经变了
problem-state_conflict-detail = 您操作的内容已被别人或系统改过，这次操作没有生效。
problem-state_conflict-remedy = 请看最新的状态，再决定要不要做。
problem-duplicate_invoice = 这张发票已经用过
problem-duplicate_invoice-detail = 这张发票已在其他兑付申请中使用，或各申请的实付合计超过了发票金额。
problem-duplicate_invoice-remedy = 请核对发票号码和实付金额；确属同一张发票的，先撤回较早的申请。
problem-idempotency_mismatch = 幂等键已用于别的内容
problem-idempotency_mismatch-detail = 同一个 Idempotency-Key 已随另一份内容提交过。
problem-idempotency_mismatch-remedy = 新的内容请换一个新的键。
problem-payload_too_large = 内容太大
problem-payload_too_large-detail = 提交的内容超过上限，没有保存。
problem-payload_too_large-remedy = 每份文件最多 20 MB；请压缩或拆分后再传。
problem-unsupported_media_type = 不支持这种内容类型
problem-unsupported_media_type-detail = 这个地址只接受接口说明中写明的内容类型。
problem-unsupported_media_type-remedy = 接口请用 application/json；文件请用 PDF、JPEG、PNG 或 XLSX。
problem-refused = 没有通过，内容未保存
problem-refused-detail = { $count ->
    [0] 请求不符合规则。
   *[other] 有 { $count } 处不符。
 }
problem-refused-remedy = 逐条改好后再提交，填过的内容都还在。
problem-too_many_requests = 请求太频繁
problem-too_many_requests-detail = 短时间内请求过多，这一次没有处理。
problem-too_many_requests-remedy = 过一会儿再试即可，此前的操作不受影响。
problem-unavailable = 暂时不能使用
problem-unavailable-detail = 数据库没有及时答复，这次操作可能没有生效。
problem-unavailable-remedy = 请过几秒再试；重试前先看一下是否已经办成。
problem-internal = 系统出错
problem-internal-detail = 处理时出了意外，这次操作没有生效；运维已收到记录。
problem-internal-remedy = 请再试一次；仍不行时，把下面的请求编号告诉平台运维。

problem-request-id = 请求编号
problem-home = 去找仪器

errors-found = 有 { $count } 处要改
errors-refused-count = 有 { $count } 处不符

# 每条规则：违反时的一句话（.short 是面板里的小标题）
violation-required = 这一项要填
violation-invalid = { $why }
violation-unknown_field = 没有这个字段
violation-off_grid = 起止须落在每 { $grid_minutes } 一格上，最近的是 { $near_span }
    .short = 起止时刻不合规定
violation-too_short = 每次至少 { $min_minutes }，您要的是 { $minutes }
    .short = 时间太短
violation-too_long = 每次至多 { $max_minutes }，您要的是 { $minutes }
    .short = 时间太长
violation-short_notice = 至少提前 { $notice_minutes }，最早可约 { $earliest_at }
    .short = 提前的时间不够
violation-beyond_horizon = 只能约 { $horizon_days } 天以内的时间，最晚 { $latest_at }
    .short = 约得太远
violation-outside_opening_hours = 这段时间不全在开放时间内
    .facts = { $closed ->
        [no] { $day } 只开放 { $hours }
        [holiday] { $day } 是节假日，不开放
       *[yes] { $day } 不开放
    }
    .short = 不在开放时间内
violation-slot_taken = 这段时间刚被别人占用
    .facts = { $taken_span } 已占用{ $buffer ->
        [some] ，前后各留 { $buffer_minutes } 间隔
       *[none] {""}
    }
    .short = 与已有占用重叠
violation-not_published = 这台仪器现在不接受新预约
    .short = 仪器未在网开放
violation-mode_not_offered = 这台仪器不提供这种服务方式
    .short = 没有这种服务方式
violation-no_price = 这种服务方式没有在有效期内的对外价格，能看不能约
    .short = 没有有效价格
violation-voucher_insufficient = 创新券可用 { $available_fen }，不够全额抵付的 { $needed_fen }；可改为“有多少用多少”
    .short = 创新券不够
violation-voucher_ineligible = 这次不能用创新券：{ $why }
    .short = 不能用创新券
violation-in_the_past = 开始时刻已经过去
    .short = 时间已过
violation-seller_mismatch = 发票的销售方不是提供服务的单位
violation-not_settled = 预约还没有结算，结算后才能申请兑付
violation-nothing_held = 这些预约没有可兑付的金额
violation-after_deadline = 已过兑付截止日
    .facts = 已过兑付截止日 { $redeem_by }
violation-paid_above_invoice = 实付金额大于发票金额
    .facts = 实付 { $paid_fen } 大于发票金额 { $invoice_fen }
violation-key_reused = 同一记录号已用于别的内容

# 值为什么不对
why-out_of_range = 须在 { $least } 与 { $most } 之间
why-too_many_characters = 至多 { $most } 个字
why-control_characters = 含有不能保存的控制字符
why-too_many = 至多 { $most } 项
why-twice = 重复了
why-no_such_category = 没有这个分类编码，须为六位数字
why-no_time_of_day = 须为时刻，如 8:30，最晚 24:00
why-not_after_opening = 须晚于开门时刻
why-before_start = 须不早于起始日
why-divides_no_day = 须能整除一天
why-below_minimum = 不能小于最短时长
why-beyond_horizon = 提前期不能长于可约的天数
why-uscc_length = 须为 18 位，现在是 { $found } 位
why-uscc_character = 第 { $position } 位“{ $found }”不对：不用字母 I、O、S、V、Z，第 3–8 位为数字
why-uscc_check = 第 18 位校验码“{ $found }”不对
why-too_long = 太长
why-too_short = 太短
why-not_positive = 须大于 0
why-not_a_number = 须为数字
why-not_an_amount = 须为金额，最多两位小数
why-not_an_instant = 须为带时区的时刻，如 2026-10-15T14:00:00+08:00
why-not_a_day = 须为日期，如 2026-10-15
why-not_a_period = 须为年、月或日，如 2026、2026-10、2026-10-05
why-not_a_word = 不在可选的范围内
why-not_a_cursor = 翻页标记不对
why-not_found = 没有这一项
why-repeated = 重复了
why-reversed = 结束须晚于开始
why-in_the_future = 不能晚于现在
why-in_the_past = 不能早于现在
why-overlapping = 互相重叠
why-off_grid = 不在规定的刻度上
why-mixed = 须属于同一家单位和同一年度

# 创新券为什么不能用
why-no_programme = 这一年还没有创新券方案
why-purpose = 这种用途不在补贴范围内
why-related = 双方存在关联关系
why-not_enrolled = 服务单位当天不在创新券入库名单内
why-sme_expired = 企业的入库登记当天不在有效期内
why-after_use_by = 开始时刻晚于使用截止日
why-barred = 企业在追回后的限制期内
why-not_published = 仪器未在网开放
why-above_cap = 超出每家企业的年度上限，至多 { $most_fen }
why-above_budget = 超出可发放的预算，至多 { $most_fen }

# 状态不允许
conflict-stale = 内容已被改过，请以最新状态为准
conflict-state = 现在的状态不允许这样做
conflict-not_by_hand = 这段时间由预约占用，请到预约中取消
conflict-live_bookings = 还有未完成的预约，不能退役
conflict-already_started = 已经开始，不能再取消
conflict-too_early = 还没到可以办理的时间
conflict-too_late = 已过可以办理的时间
conflict-four_eyes = 同一个人不能办理这份申请的两个步骤
conflict-own_organisation = 不能办理自己所在单位的申请
conflict-blocked = 有未解决的阻断项，不能通过
conflict-budget = 超出方案预算
conflict-not_used = 还没有使用记录
conflict-no_statement = 还没有结算单
conflict-statement_disputed = 结算单有异议，须重新出具

why-not_an_object = 须为一个 JSON 对象
why-not_a_key = 须为 1–255 个可打印的 ASCII 字符
why-not_a_known_word = 不在可选的范围内
why-not_an_address = 须为邮箱地址
why-not_clean = 含有不能保存的控制字符
why-of_another_type = 类型不对
why-unknown_party = 没有这家单位
why-no_such_side = 这家单位没有与该角色相配的身份
why-not_a_number_in_range = 须为规定范围内的整数
conflict-form_expired = 这张表单已过期，请刷新页面后再提交一次
