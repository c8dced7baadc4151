# 页面外壳：页首、导航、页脚、登录，各页共用的按钮和部件

shell-site = 科研仪器共享
shell-site-of = { $city }科研仪器共享
shell-skip = 跳到正文
shell-nav = 主导航
shell-trail = 位置
shell-waiting = { $count } 项待处理
shell-sign-in = 登录
shell-sign-out = 退出
shell-switch = 切换身份
shell-host = 主办：{ $bureau }
shell-time-zone = 所有时间均为北京时间（UTC+8）
shell-api = 开放数据与接口

nav-catalogue = 找仪器
nav-bookings = 预约
nav-vouchers = 创新券
nav-lab-today = 今天
nav-lab-instruments = 仪器
nav-lab-requests = 预约申请
nav-lab-use = 用机记录
nav-lab-statements = 结算单
nav-lab-openness = 开放度
nav-bureau-waiting = 待办
nav-bureau-claims = 兑付审核
nav-bureau-vouchers = 创新券
nav-bureau-parties = 单位与企业
nav-bureau-openness = 开放评价
nav-bureau-audit = 审计
nav-ops-jobs = 定时任务
nav-ops-outbox = 通知
nav-ops-health = 运行状况

login-title = 登录
login-email = 邮箱
login-password = 密码
login-button = 登录
login-no-account = 还没有账号？
login-no-account-text = 找仪器、看收费和空闲都不用登录。
login-register = 凭统一社会信用代码注册
login-register-before = 企业和服务单位
login-register-after = ，科技局审核后开通。
login-wrong = 邮箱或密码不对。
login-locked = 密码错得太多，{ $minutes } 分钟后再试。
login-ended = 登录已过期，请重新登录。
switch-title = 切换身份
switch-lead = 一次只代表一家单位的一个角色，页首写着是哪一个。
switch-current = 现在的身份
switch-button = 切换

role-admin = 管理员
role-manager = 仪器管理员
role-operator = 机组人员
role-finance = 财务
role-booker = 预约人
role-officer = 经办
role-reviewer = 审核
role-auditor = 审计
role-ops = 平台运维
side-institution = 服务单位
side-enterprise = 企业
side-bureau = 科技局
side-platform = 平台

action-search = 搜索
action-back = 返回
action-keep = 保留
action-filter = 应用筛选
action-clear-filters = 清除筛选

form-optional = （可不填）
form-file-hint = PDF、JPEG、PNG 或 XLSX，每份最多 20 MB
form-yuan = 元
form-hours = 小时
form-choose = 请选择
form-colon = ：

pager-label = 翻页
pager-range = 第 { $from }–{ $to } 条，共 { $total } 条
pager-previous = 上一页
pager-next = 下一页
pager-page = 第 { $page } 页

week-number = 第 { $week } 周
week-previous = ← 上周
week-next = 下周 →
week-free = 空 { $length }
week-now = 现在 { $time }
week-zone = 北京时间（UTC+8）。他人的预约只显示“已占用”，不显示单位与用途。
slot-free = 空闲
slot-pick = 您选
slot-mine = 我的预约
slot-taken = 已占用
slot-gap = 间隔
slot-soon = 提前期不足
slot-closed = 不开放
slot-care = 维护
slot-broken = 故障
slot-wait = 待答复
slot-run = 使用中
slot-booked = 已确认
legend-free = 空闲，可选
legend-pick = 您选的时间

heat-weekday = 星期
done-signed-out = 您已退出登录。
done-switched = 已切换身份。
