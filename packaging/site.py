"""Hooks of mkdocs.yml."""

import pathlib
import re

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"
TABLE = "atlas-table.html"  # docs/atlas.html in the site


def anchor(heading, separator):
    """The name of a heading as on GitHub, so that links of the pages are right in both places."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", separator)


def on_config(config):
    """The navigation is the index docs/README.md: its headings, and the pages in its tables."""
    index = (DOCS / "README.md").read_text(encoding="utf8")
    nav = [{"First page": "README.md"}]
    for section in index.split("\n## ")[1:]:
        pages = re.findall(r"\[([^]]+)\]\(([\w-]+\.md)\)", section)
        nav.append({section.split("\n")[0].split(":")[0]: [{title: page} for title, page in pages]})
    config["nav"] = nav
    config["mdx_configs"]["toc"] = {"slugify": anchor}
    return config


def on_files(files, config, **_):
    """atlas.html is the name of the page that is made from atlas.md, so docs/atlas.html gets another one."""
    atlas = files.get_file_from_path("atlas.html")
    atlas.url = atlas.dest_uri = TABLE
    atlas.abs_dest_path = str(pathlib.Path(config["site_dir"]) / TABLE)
    return files


def on_post_build(config, **_):
    """Links of docs/atlas.html lead to pages of the site."""
    page = pathlib.Path(config["site_dir"]) / TABLE
    page.write_text(re.sub(r'href="([\w-]+)\.md', r'href="\1.html', page.read_text(encoding="utf8")), encoding="utf8")


def on_page_markdown(markdown, page, **_):
    """The first page is README before the index. Links to what is no page or file of the site become their text.
    Options of blocks, which only the tests read, are removed."""
    if page.file.src_path == "README.md":
        readme = (DOCS.parent / "README.md").read_text(encoding="utf8").split("\n## More\n")[0]
        readme = re.sub(r"\]\((?!docs/|https?:)", "](../", readme).replace("](docs/", "](")
        markdown = readme + "\n## " + markdown.split("\n## ", 1)[1]
    markdown = re.sub(r"\[([^]]+)\]\((?:\.\./[^)]*|examples[\w/]*)\)", r"\1", markdown)
    return re.sub(r"^( *```[a-z]+) .*$", r"\1", markdown, flags=re.MULTILINE)
