# 仪器：目录、详情、单位的仪器管理

why-duplicate = 本单位已有相同的
why-waits = 暂不支持，请留空
why-not_a_region = 须为 6 位行政区划代码
why-not_a_uscc = 不是统一社会信用代码
