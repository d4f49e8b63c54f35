// What people do where credentials are missing, in English and 简体中文: a cell of the page of controls. No program carries it.
[
    "Set `TENCENTCLOUD_SECRET_ID` and `TENCENTCLOUD_SECRET_KEY` (and `_TOKEN` for temporary ones), or use the vendor tools' files.",
    "设置 `TENCENTCLOUD_SECRET_ID` 与 `TENCENTCLOUD_SECRET_KEY`（临时凭证还需 `_TOKEN`），或使用官方工具的凭证文件。",
]
