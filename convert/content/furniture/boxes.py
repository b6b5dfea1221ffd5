"""Boxes that plug-ins and platforms add: to share, to subscribe, to comment, to read on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.furniture.rule import Rule, words_of
from convert.content.tree import selector, text_of
from convert.content.vocabulary import names

_LONGEST = 1_500
"""Characters of a box; what is longer was not closed, or holds more than its name says."""
_SHARE = names(
    "sharedaddy sd-sharing-enabled sd-sharing sd-social sd-like jetpack-likes-widget-wrapper"
    " jp-sharing wp-block-jetpack-sharing-buttons wp-block-jetpack-like wpl-likebox"
    " addtoany_share_save_container addtoany_content addtoany_shortcode addtoany_list a2a_kit"
    " a2a_dd addthis_toolbox addthis_inline_share_toolbox addthis_button addthis_default_style"
    " sharethis-inline-share-buttons sharethis-inline-reaction-buttons ssba ssba-classic-2"
    " ssba-modern-2 ssbp-wrap ssba-wrap heateor_sss_sharing_container heateor_sss_sharing_title"
    " heateorsssclear the_champ_sharing_container shared-counts-wrap essb_links mashsb-container"
    " mashsb-box swp_social_panel nc_socialpanel juiz_sps dpsp-content-wrapper"
    " dpsp-share-text simplesocialbuttons simplesocial-sharing et_social_inline"
    " scriptlesssocialsharing novashare-buttons wp-socializer wpsr-share-icons sfsi_widget"
    " sfsibeforpstwpr sfsiaftrpstwpr cresta-share-icon twitter-share-button fb-share-button"
    " g-plusone linkedin-share-button pin-it-button tumblr-share-button"
    " reddit-share-button feedflare post-share-buttons wabtn_container sassy-social-share"
    " synved-social-container wp-social-share lightsocial_container"
    " linksalpha_container wp_social_bookmarking_light snap_nopreview stbuttontext"
)
_SHARE_LIKE = names(
    "share sharing share-buttons share-button share-links share-bar sharebar share-box"
    " share-this sharethis share-post post-share post-sharing post-share-links entry-share"
    " article-share social-share social-sharing social-share-buttons social-buttons"
    " social-links-share socialshare share-icons sharing-buttons addthis social-bar share-wrapper"
)
"""Names that an author may have chosen, too: a box of these holds links and nothing else."""
_RELATED = names(
    "jp-relatedposts wp-block-jetpack-related-posts yarpp-related yarpp-feed crp_related"
    " crp_related_block wp_rp_wrap wp_rp_content rp4wp-related-posts nrelate_related"
    " zem_rp_wrap zemanta-related zemanta-related-ul lw-related ob-widget ob_widget"
    " trc_related_container linkwithin_div linkwithin_outer wpp-shortcode irp-wrapper"
    " upprev_box contextly_widget addtoany_related tptn_posts"
    " code-block-outbrain sovrn-related"
)
_RELATED_LIKE = names(
    "related-posts relatedposts related_posts related-articles related-post similar-posts"
    " post-navigation posts-navigation nav-links navigation-post read-next post-nav"
    " entry-navigation recommended-posts more-posts you-may-also-like"
)
_SUBSCRIBE = names(
    "subscription-widget-wrap subscription-widget-wrap-editor subscription-widget"
    " subscribe-footer-widget kg-signup-card kg-email-cta mc_embed_signup"
    " mc4wp-form mc4wp-response tnp-subscription tnp-widget jetpack_subscription_widget"
    " jetpack-subscribe-modal wp-block-jetpack-subscriptions"
    " wp-block-jetpack-subscriptions__container wp-block-jetpack-mailchimp formkit-form"
    " seva-form ck_form ck_form_container convertkit-form"
    " embeddable-buttondown-form ml-embedded ml-form-embedcontainer ml-subscribe-form"
    " revue-embed revue-form beehiiv-embed sib-form emailoctopus-form-wrapper emailoctopus-form"
    " om-holder sumome-form mailpoet_form klaviyo-form gh-subscribe-form"
    " postmedia-newsletter sendfox-form-wrapper substack-post-embed-subscribe"
)
_COMMENT = names(
    "comment-respond disqus_thread dsq-brlink dsq-content"
    " giscus-frame fb-comments gitalk-container isso-thread wpdiscuz wpcf7"
    " hyvor-talk-view cusdis_thread mw-editsection noprint-edit post-edit-link"
    " printfriendly pf-button wp-postratings post-ratings kk-star-ratings kksr-legend"
    " wpulike wp_ulike_general_class likebtn_container post-views wpcnt wordads-ad-wrapper"
    " wordads-tag adsbygoogle google-auto-placed code-block-ad wp-block-jetpack-rating-star"
    " kg-audio-player kg-video-player-container kg-audio-thumbnail"
)
_OPEN = names(
    "comment-form commentform subscribe-widget subscribe-dialog newsletter-form newsletter-signup"
    " newsletter-signup-form email-signup-form optin-form hs-form gh-subscribe tnp shariff outbrain"
    " taboola utterances giscus commento remark42 edit-link print-link similar-posts-plugin g-plus"
    " nrelate yarpp fb-like fb-send socialize-in-content"
)
"""Names that are words, too: a box of these holds fields, links and nothing else, or no word."""
_IDS = names(
    "jp-relatedposts jp-post-flair mc_embed_signup mc_embed_shell mc-embedded-subscribe-form"
    " disqus_thread gitalk-container isso-thread cusdis_thread"
)
"""Ids of boxes; other ids are made of the words of headings, whatever these are about."""
_BOXES = frozenset(("div", "form", "aside", "footer", "section"))
_PLAIN = _SHARE | _RELATED | _SUBSCRIBE | _COMMENT
_LIKE = _SHARE_LIKE | _RELATED_LIKE | _OPEN
_DISQUS = re.compile(
    r"please enable javascript to view the\s*(?:comments powered by disqus|.{0,20}comments)\.?"
    r"|(?:blog )?comments powered by\s*disqus\.?|view the discussion thread\.?",
    re.IGNORECASE,
)
_NO_SCRIPTS = re.compile(
    r"\b(?:enable|activate|allow|turn on|requires?|needs?|disabled|without)\b.{0,60}"
    r"\bjava-?script\b|\bjava-?script\b.{0,60}\b(?:enable|enabled|disabled|required|turned off"
    r"|support)",
    re.IGNORECASE | re.DOTALL,
)
_ON_SCRIPTS = re.compile(
    r"java-?script|disqus|commento|hyvor|giscus|utteranc|//support\.|/help|browser|mozilla\.org",
    re.IGNORECASE,
)
"""Addresses of pages on how to have scripts run, and of what shows comments by one."""
_FIELDS = ("form", "input", "textarea", "button", "iframe")
_BUTTON_ADDRESS = re.compile(
    r"/subscribe\b|[?&]action=share\b|[?&]share=\w+|/comments(?:[?#]|$)|/(?:sign|log)-?(?:in|up)\b"
    r"|utm_campaign=email-(?:share|subscribe)|leave_comment|/gift\b|%%(?:checkout|share|half_magic)",
    re.IGNORECASE,
)
_SUBSTACK = names("button-wrapper captioned-button-wrap")
_SHARE_ADDRESS = re.compile(
    r"(?:facebook\.com/(?:sharer|share\.php|dialog/share)|(?:twitter|x)\.com/(?:intent|share)"
    r"|linkedin\.com/(?:share|cws)|reddit\.com/submit|pinterest\.\w+/pin/create"
    r"|mastodonshare\.com|share\.joinmastodon\.org|threads\.(?:net|com)/intent|buffer\.com/add"
    r"|share\.flipboard\.com|instapaper\.com/(?:hello2|edit)|digg\.com/submit|xing\.com/spi/"
    r"|stumbleupon\.com/submit|plus\.google\.com/share|vk\.com/share|weibo\.com/share"
    r"|line\.me/(?:r/|lineit/share)|substack\.com/note/new"
    r"|tumblr\.com/(?:share|widgets/share)|t\.me/share|telegram\.me/share|(?:api\.|web\.)?wa(?:\.me/"
    r"|tsapp\.com/send)|api\.whatsapp\.com/send|whatsapp:|news\.ycombinator\.com/submitlink"
    r"|(?:bsky|toot|share)\.\w+/(?:intent|share)|getpocket\.com/(?:save|edit)|addtoany\.com"
    r"|addthis\.com|[?&]share=(?:facebook|twitter|x|linkedin|reddit|email|print|tumblr|pinterest"
    r"|pocket|telegram|jetpack-whatsapp|mastodon|bluesky|threads)\b|^mailto:\?)",
    re.IGNORECASE,
)
_classed = selector("//*[@class or @id]")


def find_boxes(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield what is called as the boxes of plug-ins are, and no longer than those."""
    for each in _classed(tree):
        called = words_of(each)
        if not called.isdisjoint(_PLAIN) or _is_called(each):
            if _is_small(each):
                yield each
        elif not called.isdisjoint(_LIKE) and _is_small(each):
            shares = not called.isdisjoint(_SHARE_LIKE)
            has_fields = (
                not called.isdisjoint(_OPEN) and next(each.iter(*_FIELDS), None) is not None
            )
            if has_fields or holds_links(each, _SHARE_ADDRESS if shares else None):
                yield each


def _is_called(box: etree._Element) -> bool:
    """Tell whether a box has the id of one, and not because of the heading that it begins with."""
    called = box.get("id", "").lower()
    if called not in _IDS or box.tag not in _BOXES or "section" in words_of(box):
        return False
    heading = text_of(box[0]) if len(box) and box[0].tag in v.HEADINGS else ""
    return re.findall("[a-z]", heading.lower()) != re.findall("[a-z]", called)


def find_disqus(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield what only says that a script is missing, or whose comments these would be."""
    for each in tree.iter("noscript"):
        text = " ".join(text_of(each).split())
        if _DISQUS.fullmatch(text) or (
            len(text) < _SHORT and _NO_SCRIPTS.search(text) and not _offers_more(each)
        ):
            yield each
    for each in tree.iter("p", "div", "a"):
        text = text_of(each) if _is_small(each) else ""
        if "isqus" in text and _DISQUS.fullmatch(" ".join(text.split())):
            yield each


def _offers_more(words: etree._Element) -> bool:
    """Tell whether there is something else to be seen, or to go to, than how scripts run."""
    if (
        next(words.iter("img", "picture", "iframe", "video", "audio", "table", "pre"), None)
        is not None
    ):
        return True
    leads = [str(link.get("href", "")) for link in words.iter("a")]
    return any(lead[:4] == "http" and not _ON_SCRIPTS.search(lead) for lead in leads)


def find_buttons(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield Substack's buttons to subscribe, share and comment; an author's own link stays."""
    for each in _classed(tree):
        if not words_of(each).isdisjoint(_SUBSTACK):
            links = list(each.iter("a"))
            leads = [f"{link.get('href', '')} {each.get('data-attrs', '')}" for link in links]
            if links and all(map(_BUTTON_ADDRESS.search, leads)) and _is_small(each):
                is_bare = "captioned-button-wrap" not in words_of(each)
                yield each if is_bare or len(text_of(each)) < _SHORT else links[0]


_SHORT = 300
"""Characters of what only a program says."""


def _is_small(box: etree._Element) -> bool:
    """Tell whether a box holds no more words than furniture does, and neither code nor films."""
    more = next(box.iter("pre", "code", "math", "h1", "video", "audio"), None)
    return more is None and len(text_of(box)) <= _LONGEST


def holds_links(box: etree._Element, address: re.Pattern[str] | None) -> bool:
    """Tell whether all words but those of a short heading stand in links, to such addresses."""
    links = list(box.iter("a"))
    leads = [link.get("href", "") for link in links]
    if not links or (address is not None and not all(map(address.search, leads))):
        return False
    linked = sum(len("".join(text_of(link).split())) for link in links)
    return len("".join(text_of(box).split())) - linked <= _HEADING


_HEADING = 40
"""Characters of what stands over a list of links."""

_CUES = ("class=", "id=")
RULES = (
    Rule(
        "box",
        "Jetpack, AddToAny, YARPP, Mailchimp, Substack, Ghost, Disqus and others",
        _CUES,
        find_boxes,
        called=_PLAIN | _LIKE | _IDS,
    ),
    Rule("button of Substack", "Substack", tuple(sorted(_SUBSTACK)), find_buttons),
    Rule(
        "words without scripts",
        "https://help.disqus.com/en/articles/1717112-universal-embed-code",
        ("noscript", "disqus"),
        find_disqus,
    ),
)
