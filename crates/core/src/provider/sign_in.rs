// What to do if the credentials of a role or a profile cannot be used, in English and 简体中文. It is a cell on the page of controls; no
// program contains it.
[
    "The message names what is missing, or says that the credentials expire too soon. Sign in again (`tccli auth login`), or fetch temporary credentials with the vendor's tools and give them in the environment.",
    "消息会指出缺少什么，或哪个失效时间太近。请重新登录（`tccli auth login`），或用官方工具获取临时凭证并通过环境变量给出。",
]
