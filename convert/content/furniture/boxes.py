"""Boxes that plug-ins and platforms add: to share, to subscribe, to comment, to read on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

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
    " mashsb-box swp_social_panel nc_socialpanel juiz_sps shariff dpsp-content-wrapper"
    " dpsp-share-text simplesocialbuttons simplesocial-sharing et_social_inline"
    " scriptlesssocialsharing novashare-buttons wp-socializer wpsr-share-icons sfsi_widget"
    " sfsibeforpstwpr sfsiaftrpstwpr cresta-share-icon twitter-share-button fb-share-button"
    " fb-like fb-send g-plusone g-plus linkedin-share-button pin-it-button tumblr-share-button"
    " reddit-share-button feedflare post-share-buttons wabtn_container sassy-social-share"
    " synved-social-container wp-social-share lightsocial_container socialize-in-content"
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
    "jp-relatedposts wp-block-jetpack-related-posts yarpp yarpp-related yarpp-feed crp_related"
    " crp_related_block wp_rp_wrap wp_rp_content rp4wp-related-posts nrelate nrelate_related"
    " zem_rp_wrap zemanta-related zemanta-related-ul lw-related outbrain ob-widget ob_widget"
    " taboola trc_related_container linkwithin_div linkwithin_outer wpp-shortcode irp-wrapper"
    " upprev_box contextly_widget addtoany_related tptn_posts similar-posts-plugin"
    " code-block-outbrain sovrn-related"
)
_RELATED_LIKE = names(
    "related-posts relatedposts related_posts related-articles related-post similar-posts"
    " post-navigation posts-navigation nav-links navigation-post read-next post-nav"
    " entry-navigation recommended-posts more-posts you-may-also-like"
)
_SUBSCRIBE = names(
    "subscription-widget-wrap subscription-widget-wrap-editor subscription-widget subscribe-widget"
    " subscribe-dialog subscribe-footer-widget kg-signup-card kg-email-cta mc_embed_signup"
    " mc4wp-form mc4wp-response tnp tnp-subscription tnp-widget jetpack_subscription_widget"
    " jetpack-subscribe-modal wp-block-jetpack-subscriptions"
    " wp-block-jetpack-subscriptions__container wp-block-jetpack-mailchimp formkit-form"
    " seva-form ck_form ck_form_container convertkit-form"
    " embeddable-buttondown-form ml-embedded ml-form-embedcontainer ml-subscribe-form"
    " newsletter-form newsletter-signup newsletter-signup-form email-signup-form revue-embed"
    " revue-form beehiiv-embed hs-form sib-form emailoctopus-form-wrapper emailoctopus-form"
    " optin-form om-holder sumome-form mailpoet_form klaviyo-form gh-subscribe gh-subscribe-form"
    " postmedia-newsletter sendfox-form-wrapper substack-post-embed-subscribe"
)
_COMMENT = names(
    "comment-respond commentform comment-form disqus_thread dsq-brlink dsq-content utterances"
    " giscus giscus-frame fb-comments gitalk-container isso-thread remark42 commento wpdiscuz wpcf7"
    " hyvor-talk-view cusdis_thread mw-editsection noprint-edit edit-link post-edit-link"
    " print-link printfriendly pf-button wp-postratings post-ratings kk-star-ratings kksr-legend"
    " wpulike wp_ulike_general_class likebtn_container post-views wpcnt wordads-ad-wrapper"
    " wordads-tag adsbygoogle google-auto-placed code-block-ad wp-block-jetpack-rating-star"
    " kg-audio-player kg-video-player-container kg-audio-thumbnail"
)
_PLAIN = _SHARE | _RELATED | _SUBSCRIBE | _COMMENT
_LIKE = _SHARE_LIKE | _RELATED_LIKE
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
_BUTTON_ADDRESS = re.compile(
    r"/subscribe\b|[?&]action=share\b|[?&]share=\w+|/comments(?:[?#]|$)|/(?:sign|log)-?(?:in|up)\b"
    r"|utm_campaign=email-(?:share|subscribe)|leave_comment|/gift\b|%%(?:checkout|share|half_magic)",
    re.IGNORECASE,
)
_SUBSTACK = names("button-wrapper captioned-button-wrap")
_SHARE_ADDRESS = re.compile(
    r"(?:facebook\.com/(?:sharer|share\.php|dialog/share)|(?:twitter|x)\.com/(?:intent|share)"
    r"|linkedin\.com/(?:share|cws)|reddit\.com/submit|pinterest\.\w+/pin/create"
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
        called = words_of(each) | {each.get("id", "").lower()}
        if not called.isdisjoint(_PLAIN):
            if _is_small(each):
                yield each
        elif not called.isdisjoint(_LIKE):
            shares = not called.isdisjoint(_SHARE_LIKE)
            if _is_small(each) and holds_links(each, _SHARE_ADDRESS if shares else None):
                yield each


def find_disqus(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield what only says that a script is missing, or whose comments these would be."""
    for each in tree.iter("noscript"):
        text = " ".join(text_of(each).split())
        if len(text) < _SHORT and (_DISQUS.fullmatch(text) or _NO_SCRIPTS.search(text)):
            yield each
    for each in tree.iter("p", "div", "a"):
        text = text_of(each) if _is_small(each) else ""
        if "isqus" in text and _DISQUS.fullmatch(" ".join(text.split())):
            yield each


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
        called=_PLAIN | _LIKE,
    ),
    Rule("button of Substack", "Substack", tuple(sorted(_SUBSTACK)), find_buttons),
    Rule(
        "words without scripts",
        "https://help.disqus.com/en/articles/1717112-universal-embed-code",
        ("noscript", "disqus"),
        find_disqus,
    ),
)
