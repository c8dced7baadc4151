# 仪器：目录、详情、单位的仪器管理

why-duplicate = 本单位已有相同的
why-waits = 暂不支持，请留空
why-not_a_region = 须为 6 位行政区划代码
why-not_a_uscc = 不是统一社会信用代码
why-check_the_unit = 单位是元还是万元？请写明单位并核对金额
why-unlike_its_band = 与旁边的金额区间不符，请核对单位（元或万元）
why-retired = 该仪器已退网，不能再改
why-not_a_weekday = 须为 1（周一）至 7（周日），且只用于上班日
