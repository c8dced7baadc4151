# 字段名：field-名称，用于表单标签、错误汇总和接口的错误信息

field-email = 邮箱
field-password = 密码
field-name = 名称
field-organisation = 单位
field-uscc = 统一社会信用代码
field-region = 所在地区
field-reason = 理由
field-note = 备注
field-purpose = 用途说明
field-purpose_kind = 用途
field-mode = 服务方式
field-voucher = 创新券
field-on = 日期
field-from = 开始
field-to = 结束
field-starts_at = 开始
field-ends_at = 结束
field-confidential = 保密预约
field-amount_fen = 金额
field-actual_fen = 实际费用
field-year = 年度
field-sme_number = 入库登记编号
field-file = 文件

field-booking_ids = 预约
field-contract = 合同
field-proofs = 付款凭证与结果报告
field-invoice_number = 发票号码
field-invoice_code = 发票代码
field-invoice_fen = 发票金额
field-invoice_on = 开票日期
field-paid_fen = 实付金额
field-paid_on = 付款日期
field-seller_uscc = 销售方代码
field-state = 状态
