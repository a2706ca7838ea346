"""Records what Python's Jinja2, sandboxed, does with the snippets below.

Run it with an interpreter that has jinja2 3.1: `python scripts/record-template-goldens.py`. It writes
`test/template/goldens.jsonl` (language) and `test/template/payloads.jsonl` (escapes and overloads). Payloads run in a
child process with limits: where Jinja2 does not end well, the line only says so.
"""

import json
import multiprocessing
import pathlib
import re
import resource

from jinja2.sandbox import SandboxedEnvironment

FOLDER = pathlib.Path(__file__).parent.parent / "test" / "template"
OPTIONS = {
    "llm_prompt": {},
    "expression": {},
    "html": {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True},
    "markdown": {"trim_blocks": True, "lstrip_blocks": True},
}
CONTEXT = {
    "name": "Ada",
    "n": 7,
    "zero": 0,
    "x": 2.5,
    "yes": True,
    "no": False,
    "nil": None,
    "blank": "",
    "text": "Line one\nLine two\n\n  Line four",
    "words": ["pear", "Fig", "apple"],
    "nums": [3, 1, 2],
    "empty": [],
    "nested": [[1, 2], [3, 4], []],
    "mixed": [1, 2.5, True, None, "q", ["z"], {"k": "v"}],
    "card": {"title": "T1", "tags": ["a", "b"], "size": {"w": 2, "h": 4}},
    "people": [
        {"name": "Bo", "age": 41, "city": "Rome"},
        {"name": "Cy", "age": 29, "city": "Oslo"},
        {"name": "Di", "age": 35, "city": "Rome"},
    ],
    "tree": [{"v": 1, "kids": [{"v": 2, "kids": []}, {"v": 3, "kids": [{"v": 4, "kids": []}]}]}],
    "html": "<b>&\"'</b>",
    "uni": "é—日本🎈",
}

# One snippet a line; ⏎ stands for a line end.
GOLDENS = {
    "llm_prompt": r"""
{{ name }} {{ n }} {{ x }} {{ yes }} {{ nil }} {{ blank }}|{{ missing }}|
{{ mixed }} {{ card }} {{ nested }} {{ (1,) }} {{ () }} {{ (1, 2) }} {{ [] }} {{ {} }}
{{ ['a\'b', "a\"b", 'a\'b"c', 'é', '\n\t\\', '\x00\x7f', '\u200b', '🎈'] }}
{{ [1.0, 1e16, 1e15, 1e-5, 0.0001, 1e100, 123456789012345680.0, -0.0, 1.5e-7] }}
{{ 0.1 + 0.2 }} {{ 1 / 3 }} {{ n * 1e308 }} {{ -n * 1e308 }} {{ n * 1e308 - n * 1e308 }}
{{ 5e-324 }} {{ 1.7976931348623157e308 }} {{ 2.0 ** 0.5 }} {{ 100.0 }} {{ 1e22 }} {{ 123456.789e3 }}
{{ 1 + 2 * 3 - 4 / 2 }} {{ (1 + 2) * 3 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }}
{{ 7.5 // 2 }} {{ -7.5 // 2 }} {{ 7.5 % 2 }} {{ -7.5 % 2 }} {{ 7.5 % -2 }} {{ 0.3 // 0.1 }} {{ 0.3 % 0.1 }}
{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }} {{ 2.0 ** 3 }} {{ 0 ** 0 }} {{ (-8) ** 3 }}
{{ +n }} {{ -n }} {{ --n }} {{ -x }} {{ +yes }} {{ -yes }}
{{ yes + yes }} {{ yes * 3 }} {{ yes / 2 }} {{ yes // 2 }} {{ no + x }}
{{ 4 / 2 }} {{ 9007199254740993 / 1 }} {{ 9007199254740993 // 2 }} {{ 9223372036854775807 }} {{ 9223372036854775807 / 3 }}
{{ 'a' + 'b' }} {{ 'ab' * 3 }} {{ 3 * 'ab' }} {{ 'a' * 0 }}|{{ 'a' * -1 }}| {{ [1] + [2] }} {{ [1, 2] * 2 }} {{ (1,) + (2,) }} {{ (1,) * 2 }}
{{ name ~ n ~ x ~ nil ~ yes ~ nums }} {{ 1 ~ 2 }} {{ 'a' ~ missing ~ 'b' }}
{{ 'a' 'b' "c" }} {{ 'tab\there' }} {{ 'q\'q' }} {{ "\x41\u00e9\U0001f388\101\q\\" }}
{{ 1_000 }} {{ 0x_ff }} {{ 0b101 }} {{ 0o17 }} {{ 0XFF }} {{ 1_0.5 }} {{ 1e3 }} {{ 1E+3 }} {{ 1.5e-3 }} {{ 00 }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 <= 1 == 1.0 }} {{ 3 > 2 > 1 != 0 }} {{ 'a' < 'b' }} {{ 'Z' < 'a' }} {{ [1, 2] < [1, 3] }} {{ (1, 2) >= (1, 2) }}
{{ 1 == 1.0 }} {{ 1 == yes }} {{ '1' == 1 }} {{ nil == none }} {{ [1] == (1,) }} {{ {'a': 1} == {'a': 1.0} }} {{ [1, [2]] == [1.0, [2.0]] }} {{ missing == missing2 }} {{ missing == none }} {{ name != 'Ada' }}
{{ 2 in nums }} {{ 9 not in nums }} {{ 'd' in name }} {{ '' in name }} {{ 'title' in card }} {{ 'T1' in card }} {{ 3 in (1, 2) }} {{ 2 in range(5) }} {{ 2.0 in nums }} {{ 'x' in missing }}
{{ not yes }} {{ not not nums }} {{ not empty and yes }} {{ yes and 'v' }} {{ no and 'v' }} {{ blank or 'alt' }} {{ nil or zero }} {{ yes or missing.x }} {{ 1 and 2 or 3 }} {{ not 1 == 2 }}
{{ 'a' if yes else 'b' }} {{ 'a' if no else 'b' }} {{ 'a' if no }}| {{ 1 if no else 2 if no else 3 }} {{ ('a' if yes) ~ 'z' }}
{{ nums[0] }} {{ nums[-1] }} {{ nums[10] }}| {{ nums[1:] }} {{ nums[:-1] }} {{ nums[::-1] }} {{ nums[::2] }} {{ nums[5:] }} {{ nums[-2:] }} {{ nums[2:0:-1] }}
{{ name[0] }} {{ name[-1] }} {{ name[1:] }} {{ name[::-1] }} {{ name[9] }}| {{ uni[4] }} {{ uni[-1] }} {{ uni[1:4] }} {{ uni[::-1] }}
{{ (1, 2, 3)[1] }} {{ (1, 2, 3)[:2] }} {{ range(10)[2:5] }} {{ range(10)[3] }} {{ range(10)[::-2] }} {{ range(3)[9] }}|
{{ card.title }} {{ card['title'] }} {{ card.size.w }} {{ card['size']['h'] }} {{ card.nope }}| {{ card['nope'] }}| {{ card.tags.0 }} {{ card.tags[1] }} {{ card.get('title') }} {{ card.get('z') }} {{ card.get('z', 5) }}
{{ {1: 'a', 1.0: 'b', true: 'c'} }} {{ {1: 'x'}[1.0] }} {{ {'a': 1, 'a': 2} }} {{ {(1, 2): 'p'}[(1, 2)] }} {{ {none: 1}[none] }} {{ {2.5: 1} }}
{{ nums.0 }} {{ nested.0.1 }} {{ nested[0][1] }} {{ people[0].name }} {{ people[-1]['city'] }}
{{ missing is defined }} {{ missing.x is defined }}
{{ missing[0] }}
{{ missing.x }}
{{ card.nope.deeper }}
{{ missing() }}
{{ missing + 1 }}
{{ -missing }}
{{ missing < 1 }}
{{ 'a' + 1 }}
{{ [1] + (2,) }}
{{ 1 / 0 }}
{{ 1 % 0 }}
{{ 1.0 // 0 }}
{{ 1 < 'a' }}
{{ nil < 1 }}
{{ {} < {} }}
{{ -'a' }}
{{ name() }}
{{ nums['a':] }}
{{ nums[::0] }}
{{ {[1]: 2} }}
{{ 1 in 1 }}
{{ 1 in 'a' }}
{{ name.upper() }} {{ name.lower() }} {{ 'a b'.title() }} {{ "they're bill's".title() }} {{ 'hELLO wORLD'.capitalize() }} {{ 'aBc'.swapcase() }} {{ 'Straße'.casefold() }} {{ 'ß'.upper() }}
{{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a b c'.split(' ', 1) }} {{ 'a b c'.split(maxsplit=1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ' a b c '.rsplit(maxsplit=1) }} {{ 'abc'.split('x') }} {{ ''.split() }} {{ ''.split(',') }}
{{ text.splitlines() }} {{ 'a\r\nb\rc'.splitlines() }} {{ 'a\nb\n'.splitlines(true) }} {{ ''.splitlines() }}
{{ '  a '.strip() }}|{{ '  a '.lstrip() }}|{{ '  a '.rstrip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xyaxy'.lstrip('xy') }}|{{ 'abcba'.strip('ab') }}
{{ 'abcabc'.find('c') }} {{ 'abcabc'.rfind('c') }} {{ 'abc'.find('z') }} {{ 'abcabc'.index('b', 2) }} {{ 'abcabc'.find('b', 2, 4) }} {{ 'abcabc'.count('bc') }} {{ 'aaa'.count('aa') }} {{ 'abc'.count('') }} {{ 'abc'.find('', 5) }} {{ 'abc'.find('', 3) }} {{ uni.find('本') }}
{{ 'abc'.index('z') }}
{{ 'abc'.startswith('ab') }} {{ 'abc'.startswith(('x', 'a')) }} {{ 'abc'.endswith('bc') }} {{ 'abc'.startswith('b', 1) }} {{ 'abc'.endswith('b', 0, 2) }}
{{ 'abc'.replace('b', 'x') }} {{ 'aaaa'.replace('a', 'b', 2) }} {{ 'abc'.replace('', '-') }} {{ 'abc'.replace('', '-', 2) }} {{ ''.replace('', 'z') }}
{{ 'ab'.center(7, '*') }}|{{ 'abc'.center(6, '*') }}|{{ 'abcd'.center(7, '*') }}|{{ 'ab'.ljust(5, '.') }}|{{ 'ab'.rjust(5) }}|{{ '42'.zfill(5) }}|{{ '-42'.zfill(5) }}|{{ 'abc'.zfill(2) }}
{{ '-'.join(['a', 'b']) }} {{ ''.join(words) }} {{ ', '.join('abc') }} {{ 'x'.join([]) }}|
{{ '-'.join([1]) }}
{{ 'a-b-c'.partition('-') }} {{ 'a-b-c'.rpartition('-') }} {{ 'abc'.partition('-') }} {{ 'abc'.rpartition('-') }}
{{ 'abc'.isalpha() }} {{ 'ab1'.isalnum() }} {{ '12'.isdigit() }} {{ '12'.isdecimal() }} {{ '½'.isnumeric() }} {{ ' '.isspace() }} {{ 'A B'.isupper() }} {{ 'a1'.islower() }} {{ 'Ab Cd'.istitle() }} {{ 'a_1'.isidentifier() }} {{ 'a\n'.isprintable() }} {{ 'é'.isascii() }} {{ ''.isalpha() }} {{ '1'.isupper() }} {{ '²'.isdigit() }} {{ '²'.isdecimal() }}
{{ 'prefixrest'.removeprefix('prefix') }} {{ 'restsuf'.removesuffix('suf') }} {{ 'a\tb'.expandtabs(4) }} {{ 'ab\tc'.expandtabs() }} {{ 'abc'.translate({97: 'x', 98: none, 99: 100}) }} {{ 'abc'.translate(''.maketrans('ab', 'xy')) }}
{{ '{} and {}'.format(1, 'b') }} {{ '{1}{0}'.format('a', 'b') }} {{ '{a}-{b}'.format(a=1, b=2) }} {{ '{{}}'.format() }} {{ '{0.title}'.format(card) }} {{ '{0[title]}'.format(card) }} {{ '{0[1]}'.format(nums) }} {{ '{!r}'.format('a') }} {{ '{!s:>4}'.format(1) }}
{{ '{:5}|{:<5}|{:>5}|{:^5}|{:*^7}'.format('a', 'b', 'c', 'd', 'e') }} {{ '{:5}|{:<5}|{:05}|{:+d}|{: d}'.format(42, 42, -42, 42, 42) }}
{{ '{:.2f} {:.0f} {:8.3f} {:e} {:.3e} {:g} {:g} {:g}'.format(3.14159, 2.5, 2.5, 12345.678, 12345.678, 0.00001, 1234567.0, 1e16) }}
{{ '{:,} {:_} {:,.2f} {:x} {:X} {:#x} {:b} {:#b} {:o} {:c} {:%} {:.1%}'.format(1234567, 1234567, 1234567.891, 255, 255, 255, 5, 5, 8, 65, 0.25, 0.256) }}
{{ '{:010,}'.format(1234) }} {{ '{:>{w}}'.format('a', w=5) }} {{ '{:{}}'.format('a', 4) }} {{ '{:.3}'.format('abcdef') }} {{ '{:.3}'.format(3.14159) }} {{ '{:d}'.format(true) }} {{ '{}'.format(true) }} {{ '{:5}'.format(true) }} {{ '{:=+8d}'.format(42) }}
{{ '{:.3}'.format(1234567.0) }} {{ '{:.10}'.format(2.5) }} {{ '{:n}'.format(12) }} {{ '{:g}'.format(100000) }} {{ '{:g}'.format(1000000) }} {{ '{:G}'.format(1e-10) }} {{ '{:f}'.format(n * 1e308 * 10) }} {{ '{:F}'.format(n * 1e308 * 10) }}
{{ '{}'.format() }}
{{ '{a}'.format() }}
{{ '{:d}'.format('a') }}
{{ '{:d}'.format(1.5) }}
{{ '{'.format() }}
{{ '}'.format() }}
{{ '{} {0}'.format(1) }}
{{ '{:q}'.format(1) }}
{{ '%s has %d' % (name, n) }} {{ '%5d|%-5d|%05d|%+d|% d' % (42, 42, 42, 42, 42) }} {{ '%.2f|%8.2f|%-8.2f|%e|%g|%G' % (3.14159, 3.14159, 3.14159, 12345.6789, 0.0001, 1e-10) }} {{ '%x %X %o %#x %#o' % (255, 255, 8, 255, 8) }} {{ '%c%c' % (65, 'b') }} {{ '%r %s %a' % ('a', 'a', 'é') }} {{ '%%' % () }} {{ '%(a)s-%(b)05.1f' % {'a': 1, 'b': 2.25} }} {{ '%*d|%.*f' % (5, 42, 2, 3.14159) }} {{ '%s' % nums }} {{ '%s' % (nums,) }} {{ '%.3s' % 'abcdef' }} {{ '%10s|%-10s|' % ('a', 'b') }} {{ '%d' % 3.99 }} {{ '%i' % true }} {{ '%5.1f%%' % 99.55 }} {{ 'plain' % () }}
{{ '%d' % 'a' }}
{{ '%s %s' % 'a' }}
{{ '%s' % (1, 2) }}
{{ '%q' % 1 }}
{{ '%' % 1 }}
{{ '%x' % 1.5 }}
{{ '%(a)s' % 1 }}
{{ '%(z)s' % {'a': 1} }}
{{ nums.index(1) }} {{ nums.count(3) }} {{ nums.copy() }} {{ (1, 2, 1).count(1) }} {{ (1, 2, 1).index(2) }} {{ card.copy() }} {{ range(5).count(2) }} {{ range(5).index(3) }}
{{ nums.index(99) }}
{{ card.keys()|list }} {{ card.values()|list }} {{ card.items()|list }} {{ card.items() }} {{ card.keys() }} {{ card.values() }} {{ card.items()|length }} {{ 'title' in card.keys() }}
{{ x.is_integer() }} {{ (4.0).is_integer() }} {{ (4).bit_length() }} {{ n.real }} {{ n.imag }} {{ n.numerator }} {{ n.denominator }} {{ x.real }} {{ (0.5).as_integer_ratio() }} {{ (10).as_integer_ratio() }} {{ x.hex() }} {{ (255).bit_count() }} {{ n.conjugate() }}
{{ range(3) }} {{ range(3)|list }} {{ range(2, 5)|list }} {{ range(5, 0, -2)|list }} {{ range(0) }} {{ range(1, 10, 3) }} {{ range(3)|length }} {{ range(2, 8, 3).start }} {{ range(0, 6, 2) == range(0, 5, 2) }}
{{ range(1.5) }}
{{ range() }}
{{ range(1, 2, 0) }}
{{ dict(a=1, b='x') }} {{ dict({'a': 1}, b=2) }} {{ dict([('a', 1), ['b', 2]]) }} {{ dict() }}
{{ dict(1) }}
{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}{% set _ = c.reset() %}{{ c.next() }}
{% set j = joiner() %}{% for i in nums %}{{ j() }}{{ i }}{% endfor %} {% set k = joiner(' | ') %}{% for i in nums %}{{ k() }}{{ i }}{% endfor %}
{% set ns = namespace(a=1, b=[]) %}{{ ns.a }}{% set ns.a = 5 %}{{ ns.a }}{% set ns.c = 'new' %}{{ ns.c }} {{ ns }} {{ ns.zz }}| {{ ns['a'] }}
{% set ns = namespace({'q': 1}, r=2) %}{{ ns.q }}{{ ns.r }}
{% set name.x = 1 %}
{% set zed.x = 1 %}
{{ cycler() }}
{{ str(1) }}
{% if yes %}a{% elif no %}b{% else %}c{% endif %}{% if no %}a{% elif yes %}b{% else %}c{% endif %}{% if no %}a{% elif no %}b{% else %}c{% endif %}{% if nums %}L{% endif %}{% if empty %}E{% endif %}{% if missing %}M{% endif %}{% if 0.0 %}Z{% endif %}{% if {} %}D{% endif %}{% if range(0) %}R{% endif %}
{% if yes %}{% set a = 1 %}{% else %}{% set a = 2 %}{% endif %}{{ a }}
{% if no %}{% set name = 'B' %}{% endif %}{{ name }}
{% for i in nums %}{{ i }}{{ ',' if not loop.last }}{% endfor %}
{% for i in nums %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}
{% for i in nums %}{{ loop.cycle('a', 'b') }}{% endfor %} {% for p in people %}{{ loop.changed(p.city) }}{% endfor %} {{ loop is defined }}
{% for i in nums %}{% for j in nums %}{{ loop.depth }}{% endfor %}{{ loop.index }}{% endfor %}
{% for i in empty %}x{% else %}none{% endfor %} {% for i in missing %}x{% else %}none{% endfor %} {% for i in nums if i > 9 %}x{% else %}none{% endfor %}
{% for i in nums if i > 1 %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% endfor %}
{% for k, v in card.items() %}{{ k }}={{ v }};{% endfor %} {% for k in card %}{{ k }} {% endfor %}
{% for a, (b, c) in [(1, (2, 3)), [4, [5, 6]]] %}{{ a }}{{ b }}{{ c }} {% endfor %}
{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}
{% for a, b in [1] %}{{ a }}{% endfor %}
{% for c in 'abc' %}{{ c }}-{% endfor %}{% for c in uni %}{{ c }}-{% endfor %}
{% for i in 5 %}{{ i }}{% endfor %}
{% for i in nil %}{{ i }}{% endfor %}
{% for t in tree recursive %}{{ t.v }}{% if t.kids %}({{ loop(t.kids) }}){% endif %}{% endfor %}
{% for t in tree recursive %}{{ loop.depth }}{{ loop.depth0 }}{{ loop(t.kids) }}{% endfor %}
{% for i in nums %}{{ loop(nums) }}{% endfor %}
{% for i in nums %}{% set s = i %}{% endfor %}{{ s }}| {% set t = 0 %}{% for i in nums %}{% set t = t + i %}{{ t }} {% endfor %}{{ t }}
{% for name in nums %}{{ name }}{% endfor %}{{ name }}
{% for i in nums|sort|reverse %}{{ i }}{% endfor %}{% for i in [1, 2] + [3] %}{{ i }}{% endfor %}{% for i in 1, 2 %}{{ i }}{% endfor %}
{% for i in nums %}{{ loop }}{% break %}{% endfor %}
{% for i in nums %}{% continue %}{% endfor %}
{% for i in nums %}{{ loop.cycle() }}{% endfor %}
{% set ns = namespace(n=0) %}{% for i in [1, 2, 3, 4] if i > ns.n %}{% set ns.n = 2 %}{{ i }}{% endfor %}
{% set a = 1 %}{{ a }}{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (c, d) = [3, 4] %}{{ c }}{{ d }}{% set e = 1, %}{{ e }}
{% set f, = [9] %}
{% set a, b = 1 %}
{% set a, b = [1, 2, 3] %}
{% set b %}x{{ n }}y{% endset %}{{ b }}{{ b|length }} {% set c | upper | trim %} abc {% endset %}[{{ c }}] {% set d | replace('a', 'b') %}aa{% endset %}{{ d }}
{% with %}{% set q = 3 %}{{ q }}{% endwith %}{{ q }}| {% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}| {% with a = name %}{% with a = a ~ a %}{{ a }}{% endwith %}{{ a }}{% endwith %} {% with a, b = [1, 2] %}{{ a }}{{ b }}{% endwith %}
{% with n = 1, m = n %}{{ n }}{{ m }}{% endwith %}
{% macro m(a, b='z') %}[{{ a }}{{ b }}]{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(b=3, a=4) }}{{ m() }}{{ m(*[5, 6]) }}{{ m(**{'a': 7}) }}{{ m(1, *[2]) }}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}{{ m.catch_varargs }}{{ m.caller }}
{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, a=3) }}{{ m() }}
{% macro m(a) %}x{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}x{% endmacro %}{{ m(z=2) }}
{% macro m(a) %}x{% endmacro %}{{ m(1, a=2) }}
{% macro m(x) %}<{{ caller() }}>{{ x }}{% endmacro %}{% call m(5) %}in{{ n }}{% endcall %}
{% macro m() %}{{ caller(1, b=2) }}{% endmacro %}{% call(a, b, c=3) m() %}{{ a }}{{ b }}{{ c }}{% endcall %}
{% macro m() %}{% if caller %}{{ caller() }}{% else %}none{% endif %}{% endmacro %}{{ m() }}{% call m() %}c{% endcall %}
{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}
{% macro m() %}x{% endmacro %}{% call m() %}c{% endcall %}
{% macro f(k) %}{{ k }}{% if k > 0 %}{{ f(k - 1) }}{% endif %}{% endmacro %}{{ f(5) }}
{{ m(1) }}{% macro m(a) %}x{% endmacro %}
{% macro m() %}{{ n }}{% set n = 1 %}{{ n }}{% endmacro %}{{ m() }}{{ n }}
{% set g = 1 %}{% macro m() %}{{ g }}{% endmacro %}{{ m() }}{% set g = 2 %}{{ m() }}
{% for i in nums %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}{{ m is defined }}
{% macro m(a=1, b) %}{% endmacro %}
{% filter upper %}abc{{ name }}{% endfilter %} {% filter replace('a', 'b')|upper %}aa{% endfilter %} {% filter indent(2) %}a⏎b{% endfilter %}
{% raw %}{{ x }}{% y %}{# z #}{% endraw %}|{% raw -%}  a  {%- endraw %}|
{% autoescape true %}{{ html }}{% autoescape false %}{{ html }}{% endautoescape %}{{ html }}{% endautoescape %}{{ html }}
{% autoescape true %}{% set b %}<{{ html }}>{% endset %}{{ b }}{% macro m(a) %}<i>{{ a }}</i>{% endmacro %}{{ m('<') }}{% endautoescape %}{{ b }}
{% block b %}a{{ name }}{% endblock %} {% block c %}x{% endblock c %} {{ self.b() }}{{ self.c() }}
{% set x = 1 %}{% block b %}{{ x }}{% set x = 2 %}{{ x }}{% endblock %}{{ x }}
{% for i in [1, 2] %}{% block b %}[{{ i }}]{% endblock %}{% endfor %}
{% for i in [1, 2] %}{% block b scoped %}[{{ i }}]{% endblock %}{% endfor %}
{% block b required %} {% endblock %}
{% print name %}
{% block b %}{% block b %}{% endblock %}{% endblock %}
a {%- if yes -%} b {%- endif -%} c|{{- name -}} |  {{- 1 }}  {{ 2 -}}  |
{# c #}a{#- c -#}  b {#+ c +#} c
{{+ 1 }}|{%+ if yes %}a{%+ endif %}
a⏎{% if yes %}⏎  b⏎{% endif %}⏎c⏎
a⏎⏎
⏎a
a{# x⏎y #}b
{{ { 'a': {'b': 5} }.a.b }} {{ {'x': {}} }} {{ '}}' }} {{ "{{" }} {{ '%}' }}
{% if '%}' %}a{% endif %}
{{ name|upper|lower|title }} {{ name | upper }} {{ name|upper() }} {{ (name|upper)[0] }} {{ name|upper ~ 'x' }} {{ -1|abs }} {{ -n|abs }} {{ 2 + 3|string|length }}
{{ 'they are, bill-joe (x) [y]'|title }} {{ 'aB cD'|capitalize }} {{ 'ÉCOLE'|lower }} {{ 5|upper }} {{ nil|upper }} {{ 'foo-bar/baz'|title }}
{{ '  a b '|trim }}|{{ 'xxaxx'|trim('x') }}|{{ 'ab'|center(7) }}|{{ 'abc'|center(8) }}|{{ 5|trim }}
{{ 'one two three four'|truncate(9) }}|{{ 'one two three four'|truncate(11, true) }}|{{ 'one two three four'|truncate(9, false, '..', 0) }}|{{ 'foo bar baz qux'|truncate(11) }}|{{ 'short'|truncate(3, leeway=5) }}|{{ 'abcdefghijklmnop'|truncate(8, leeway=0) }}
{{ 'abcdefghijkl'|truncate(2) }}
{{ 5|truncate(2) }}
{{ 'one two  three'|wordcount }} {{ "it's a well-known fact"|wordcount }} {{ ''|wordcount }} {{ uni|wordcount }}
{{ 'the quick brown fox jumps over the lazy dog'|wordwrap(15) }}
{{ 'a verylongwordthatneedsbreaking b'|wordwrap(10) }}|{{ 'a verylongwordthatneedsbreaking b'|wordwrap(10, false) }}|{{ 'well-known half-baked ideas'|wordwrap(8) }}|{{ 'well-known ideas'|wordwrap(8, break_on_hyphens=false) }}|{{ 'a b c d e f'|wordwrap(3, wrapstring='/') }}|{{ 'line one⏎⏎line two is long'|wordwrap(8) }}
{{ 'a⏎b⏎⏎c'|indent }}|{{ 'a⏎b'|indent(2, true) }}|{{ 'a⏎⏎b'|indent(2, blank=true) }}|{{ 'a⏎b'|indent('> ') }}|{{ 'a⏎b⏎'|indent(2) }}|{{ ''|indent(2, true) }}
{{ 'aaa'|replace('a', 'b') }} {{ 'aaa'|replace('a', 'b', 2) }} {{ 123|replace(2, 'x') }} {{ 'abc'|replace('', '-') }}
{{ nums|join }} {{ nums|join(', ') }} {{ words|join('-') }} {{ people|join(', ', attribute='name') }} {{ 'abc'|join('.') }} {{ mixed|join('|') }} {{ []|join(',') }}| {{ missing|join(',') }}|
{{ 'abc'|list }} {{ (1, 2)|list }} {{ card|list }} {{ missing|list }} {{ range(3)|list }} {{ 5|string|list }}
{{ 5|list }}
{{ nums|first }} {{ nums|last }} {{ empty|first }}| {{ empty|last }}| {{ 'abc'|first }} {{ 'abc'|last }} {{ card|first }} {{ card|last }} {{ range(5)|last }}
{{ nums|length }} {{ name|length }} {{ card|length }} {{ uni|count }} {{ missing|length }} {{ (1, 2)|length }}
{{ 5|length }}
{{ nil|length }}
{{ nums|sort }} {{ nums|sort(true) }} {{ words|sort }} {{ words|sort(case_sensitive=true) }} {{ people|sort(attribute='age')|map(attribute='name')|list }} {{ people|sort(attribute='city,age')|map(attribute='name')|list }} {{ people|sort(true, attribute='city')|map(attribute='name')|list }} {{ 'hello'|sort }} {{ [(2, 'b'), (1, 'z'), (2, 'a')]|sort }} {{ [[2], [1]]|sort(attribute=0) }}
{{ mixed|sort }}
{{ [1, 'a']|sort }}
{{ card.size|dictsort }} {{ card.size|dictsort(by='value') }} {{ card.size|dictsort(reverse=true) }} {{ {'b': 1, 'A': 2}|dictsort }} {{ {'b': 1, 'A': 2}|dictsort(true) }}
{{ nums|dictsort }}
{{ card|dictsort(by='z') }}
{{ [1, 2, 1, 3]|unique|list }} {{ ['a', 'A', 'b']|unique|list }} {{ ['a', 'A']|unique(true)|list }} {{ people|unique(attribute='city')|map(attribute='name')|list }} {{ [1, 1.0, yes]|unique|list }}
{{ nested|unique|list }}
{{ nums|min }} {{ nums|max }} {{ words|min }} {{ words|max }} {{ words|min(true) }} {{ people|max(attribute='age') }} {{ empty|min }}| {{ 'hello'|max }} {{ [1, 2.5]|max }} {{ [3]|max }}
{{ [1, 'a']|max }}
{{ nums|sum }} {{ people|sum(attribute='age') }} {{ nested|sum(start=[]) }} {{ empty|sum }} {{ [1.5, 2]|sum }} {{ nums|sum(start=10) }}
{{ words|sum }}
{{ nums|map('string')|list }} {{ words|map('upper')|list }} {{ people|map(attribute='name')|list }} {{ people|map(attribute='zip', default='?')|list }} {{ words|map('replace', 'p', 'P')|list }} {{ nested|map('first')|list }} {{ nested|map(attribute=0)|list }} {{ nums|map('float')|list }} {{ people|map(attribute='city')|unique|list }} {{ words|map('length')|sum }} {{ [{'a': {'b': 1}}]|map(attribute='a.b')|list }} {{ nested|map('sum')|list }}
{{ nums|map('nosuch')|list }}
{{ nums|map|list }}
{{ nums|select('odd')|list }} {{ nums|select|list }} {{ [0, 1, '', 'a', none]|select|list }} {{ nums|select('gt', 1)|list }} {{ nums|reject('odd')|list }} {{ [0, 1]|reject|list }} {{ nums|select('in', [1, 2])|list }} {{ nums|select('>', 1)|list }} {{ nums|select('divisibleby', 3)|list }} {{ mixed|select('string')|list }} {{ mixed|reject('none')|list|length }}
{{ nums|select('nosuch')|list }}
{{ people|selectattr('city', 'eq', 'Rome')|map(attribute='name')|list }} {{ people|selectattr('city', 'equalto', 'Rome')|list|length }} {{ people|rejectattr('age', 'gt', 30)|list|length }} {{ people|selectattr('nope')|list }} {{ people|rejectattr('nope')|list|length }} {{ people|selectattr('nope', 'undefined')|list|length }} {{ people|selectattr('name', 'in', ['Bo'])|list|length }}
{{ people|selectattr|list }}
{{ people|groupby('city')|list }} {% for g in people|groupby('city') %}{{ g.grouper }}:{{ g.list|length }} {% endfor %}{% for c, items in people|groupby('city') %}{{ c }}{{ items|map(attribute='name')|join('+') }} {% endfor %}{{ people|groupby('zip', default='none')|map('first')|list }} {{ [{'a': 'x'}, {'a': 'X'}]|groupby('a')|length }} {{ [{'a': 'x'}, {'a': 'X'}]|groupby('a', case_sensitive=true)|length }}
{{ range(7)|batch(3)|list }} {{ range(7)|batch(3, 'x')|list }} {{ nums|batch(10)|list }} {{ []|batch(2)|list }} {{ range(7)|slice(3)|list }} {{ range(7)|slice(3, 'x')|list }} {{ nums|slice(5)|list }} {{ range(6)|slice(3)|list }}
{{ nums|slice(0)|list }}
{{ 'abc'|reverse }} {{ nums|reverse|list }} {{ (1, 2)|reverse|list }} {{ uni|reverse }} {{ nums|select|reverse|list }} {{ card|reverse|list }}
{{ 5|reverse }}
{{ card|attr('title') }}| {{ name|attr('upper') is callable }} {{ n|attr('real') }} {{ card|items|list }} {{ {}|items|list }} {{ missing|items|list }}
{{ missing|attr('x') }}
{{ nums|items|list }}
{{ missing|default('d') }} {{ nil|default('d') }} {{ blank|default('d', true) }} {{ nil|d('e', true) }} {{ name|default('d') }} {{ missing|default }}| {{ missing|default(boolean=true, default_value=3) }} {{ card.nope|default('q') }} {{ no|d(1) }}
{{ '42'|int }} {{ '4.7'|int }} {{ 4.7|int }} {{ -4.7|int }} {{ 'x'|int }} {{ 'x'|int(5) }} {{ 'x'|int(default=none) }} {{ '0x1F'|int(base=16) }} {{ '1F'|int(0, 16) }} {{ '0b11'|int(base=0) }} {{ ' 12 '|int }} {{ '1_000'|int }} {{ yes|int }} {{ nil|int }} {{ '1e3'|int }} {{ ''|int }} {{ [1]|int }} {{ '-7'|int }} {{ '12abc'|int }} {{ '077'|int }} {{ 'inf'|int }} {{ 'nan'|int }}
{{ '42'|float }} {{ '4.7'|float }} {{ 4|float }} {{ 'x'|float }} {{ 'x'|float(1.5) }} {{ 'inf'|float }} {{ '-Infinity'|float }} {{ 'nan'|float }} {{ '1e5'|float }} {{ yes|float }} {{ nil|float }} {{ ' 1.5 '|float }} {{ '.5'|float }} {{ '5.'|float }} {{ '1_0.5'|float }} {{ ''|float }}
{{ missing|int }}
{{ missing|float }}
{{ 42.55|round }} {{ 42.55|round(1) }} {{ 42.55|round(1, 'floor') }} {{ 42.55|round(0, 'ceil') }} {{ 2.5|round }} {{ 3.5|round }} {{ -2.5|round }} {{ 2.675|round(2) }} {{ 1234.5|round(-2) }} {{ 42|round }} {{ 42|round(1, 'ceil') }} {{ 1250|round(-2) }} {{ 1350|round(-2) }} {{ 0.5|round }} {{ 1e22|round(3) }} {{ 2.5|round|int }} {{ 1.005|round(2) }} {{ yes|round }}
{{ 'a'|round }}
{{ 2.5|round(0, 'up') }}
{{ -5|abs }} {{ -2.5|abs }} {{ 5|abs }} {{ no|abs }}
{{ 'a'|abs }}
{{ missing|abs }}
{{ 1|filesizeformat }} {{ 0|filesizeformat }} {{ 999|filesizeformat }} {{ 1000|filesizeformat }} {{ 1234567|filesizeformat }} {{ 1234567|filesizeformat(true) }} {{ 1e30|filesizeformat }} {{ '1500'|filesizeformat }} {{ 1024|filesizeformat(binary=true) }} {{ 1.5|filesizeformat }}
{{ 'x'|filesizeformat }}
{{ html|e }} {{ html|escape }} {{ html|e|e }} {{ html|forceescape }} {{ html|e|forceescape }} {{ html|safe }} {{ 5|e }} {{ nil|e }} {{ nums|e }} {{ ['<']|e }}
{{ '<b>x</b>  <!-- c --> &amp; y⏎z'|striptags }} {{ '1 < 2'|striptags }} {{ '<a href="x>y">t</a>'|striptags }} {{ 5|striptags }} {{ '<p>a</p><p>b</p>'|striptags }} {{ '&lt;b&gt; &eacute; &#65; &#x42;'|striptags }}
{{ card|tojson }} {{ card|tojson(indent=2) }} {{ "<>&'\"é🎈\n"|tojson }} {{ [1, 2.0, true, none, 1e16]|tojson }} {{ {}|tojson }} {{ []|tojson(indent=1) }} {{ (1, 2)|tojson }} {{ {1: 2, 3: 4}|tojson }} {{ {'b': 1, 'a': {'d': [], 'c': {}}}|tojson(2) }} {{ 'a/b'|tojson }} {{ {true: 1}|tojson }} {{ 1e400|tojson }}
{{ missing|tojson }}
{{ {(1, 2): 3}|tojson }}
{{ range(2)|tojson }}
{{ 'a b&c/d?e=f'|urlencode }} {{ {'a': 1, 'b': 'x y/z'}|urlencode }} {{ [('a', 'é')]|urlencode }} {{ 'é🎈~-._'|urlencode }} {{ 5|urlencode }}
{{ 'see http://a.b.com/c ok, www.x.org. (https://y.com/z) me@x.com foo@bar'|urlize }} {{ 'http://example.com/a/long/path'|urlize(15) }} {{ 'http://x.com'|urlize(nofollow=true) }} {{ 'http://x.com'|urlize(target='_blank', rel='me') }} {{ 'mailto:a@b.co x.com y.fr'|urlize }} {{ 'http://x.com/<b>'|urlize }}
{{ {'class': 'a b', 'id': none, 'n': 5, 'q': '"<'}|xmlattr }} {{ {'a': 1}|xmlattr(false) }} {{ {}|xmlattr }}| {{ {'a': missing}|xmlattr }}|
{{ {'a b': 1}|xmlattr }}
{{ nums|xmlattr }}
{{ card|pprint }} {{ 'a'|pprint }} {{ nums|pprint }} {{ {'b': 1, 'a': 2}|pprint }} {{ 5|pprint }}
{{ 5|string ~ 'a' }} {{ nums|string }} {{ nil|string }} {{ missing|string }}|
{{ n is odd }} {{ n is even }} {{ n is divisibleby 7 }} {{ n is divisibleby(2) }} {{ n is number }} {{ x is float }} {{ n is integer }} {{ yes is integer }} {{ yes is boolean }} {{ yes is number }} {{ name is string }} {{ nums is sequence }} {{ card is mapping }} {{ nums is mapping }} {{ card is iterable }} {{ 5 is iterable }} {{ nil is none }} {{ name is defined }} {{ missing is undefined }} {{ yes is true }} {{ 1 is true }} {{ no is false }} {{ 0 is false }} {{ range is callable }} {{ name is callable }}
{{ name is lower }} {{ 'ab' is lower }} {{ 'AB' is upper }} {{ '1' is upper }} {{ 1 is eq 1 }} {{ 1 is equalto(1) }} {{ 1 is ne 2 }} {{ 2 is gt 1 }} {{ 2 is greaterthan 1 }} {{ 1 is lt 2 }} {{ 1 is lessthan 2 }} {{ 1 is le 1 }} {{ 1 is ge 2 }} {{ 1 is in [1] }} {{ 'a' is in 'abc' }} {{ n is sameas n }} {{ yes is sameas true }} {{ 1 is sameas true }} {{ 'upper' is filter }} {{ 'zz' is filter }} {{ 'odd' is test }} {{ 'zz' is test }} {{ (html|e) is escaped }} {{ html is escaped }} {{ missing is iterable }} {{ missing is none }} {{ missing is sequence }} {{ nums|select is iterable }} {{ nums|select is sequence }} {{ (1, 2) is sequence }} {{ 'a' is sequence }} {{ range(2) is sequence }} {{ card is sequence }}
{{ n is not odd }} {{ n is not none and yes }} {{ not n is odd }} {{ 5 is odd and 4 is even }} {{ 'x' if n is odd else 'y' }} {{ n is odd ~ 'x' }} {{ n + 1 is even }} {{ -1 is odd }} {{ 1.5 is odd }} {{ n is divisibleby 7 or no }}
{{ 'a' is odd }}
{{ n is divisibleby 0 }}
{{ n is divisibleby }}
{{ nil is gt 1 }}
{{ n is nosuch }}
{{ n|nosuch }}
{% if no %}{{ n|nosuch }}{% endif %}ok
{% if no %}{{ n is nosuch }}{% endif %}ok
{% if yes %}{{ n|nosuch }}{% endif %}
{{ (n|nosuch) if no else 'ok' }}
{{ nums|map('upper') }}
{{ (nums|select) + [1] }}
{{ nums|select|length }}
{{ nums|select|last }}
{{ (nums|select)[0] }}| {{ nums|select|first }} {% set g = nums|map('string') %}{{ g|first }}{{ g|list }}{{ g|list }} {% if empty|select %}t{% endif %} {{ nums|select is defined }} {% set h = nums|select %}{{ 1 in h }}{{ h|list }}
{{ name
{% if %}
{% if yes %}
{% endif %}
{% for %}{% endfor %}
{% for i nums %}{% endfor %}
{{ }}
{{ name | }}
{{ 'open }}
{{ 1 + }}
{{ (1 }}
{{ [1, }}
{{ {1} }}
{{ {1: } }}
{{ a b }}
{# open
{% raw %}x
{% nosuch %}
{% set %}
{% set 1 = 2 %}
{% set a %}
{% set true = 1 %}
{% macro %}{% endmacro %}
{% if yes %}{% endfor %}
{% if yes %}a{% else %}b{% elif no %}c{% endif %}
{{ 1 is }}
{{ is odd }}
{{ name!r }}
{{ a ? b }}
{{ f(a=1, 2) }}
{{ f(**a, *b) }}
{{ f(a b) }}
{{ x is odd is even }}
{{ lambda: 1 }}
{{ 1.. }}
{{ nums[1:2:3:4] }}
{{ ) }}
{{ (] }}
{% call foo %}{% endcall %}
{% filter %}{% endfilter %}
{% include 'x' %}
{% extends 'x' %}
{% import 'x' as y %}
{% from 'x' import y %}
{% trans %}x{% endtrans %}
{% do 1 %}
{% debug %}
{% endraw %}
{{ name }} }} {% raw %}%}{% endraw %} #} {
{ { name } } {%raw%}{%endraw%}
{{name}}{{ name}}{{name }}
{{⏎name⏎}} {{ [1,⏎2] }} {%⏎if yes⏎%}y{% endif %}
{{ 'a⏎b' }} {{ "é" }} {{ é }}|
{{ loop }}| {{ self is defined }} {{ caller }}| {{ varargs }}|
{{ 1 if no }}| {{ (1 if no) is defined }} {{ (1 if no)|default('z') }}
{{ 1, 2 }} {{ 1, }} {{ (1) }} {{ name, n }}
{{ true }} {{ True }} {{ false }} {{ False }} {{ none }} {{ None }} {{ TRUE }}|
{{ [1, 2,] }} {{ {'a': 1,} }} {{ (1, 2,) }} {{ range(3,)|list }}
{{ nums|length > 2 }} {{ nums|length + 1 }} {{ 'a' ~ nums|length }} {{ not nums|length }} {{ nums|first + nums|last }} {{ -nums|length }}
{{ [nums|first, nums|last] }} {{ {'a': nums|sum} }} {{ (nums|sort)[0] }} {{ nums|sort|first }}
{{ 3.0 == 3 }} {{ 3.0 }} {{ 3.10 }} {{ 1.0|int }} {{ 7 / 7 }} {{ n * 1.0 }} {{ x * 2 }} {{ 10 // 4 * 4 + 10 % 4 }} {{ 1.1 + 2.2 }}
{{ 1 == 1 and 2 == 2 }} {{ 1 in [1] and 2 in [2] }} {{ not 1 in [2] }} {{ (1 in [1]) == yes }} {{ 1 < 2 and 2 < 1 or 3 }}
""",
    "html": r"""
<p>{{ html }}</p> {{ html|safe }} {{ html|e }} {{ '<' ~ html }} {{ ('<'|safe) ~ html }} {{ nil }} {{ ['<a>'] }} {{ {'<': '>'} }}
{{ ('<b>'|safe) + '<' }} {{ '<' + ('<b>'|safe) }} {{ ('<b>%s</b>'|safe) % '<' }} {{ ('<b>%s%d</b>'|safe) % ('<', 3) }} {{ ('<i>'|safe) * 2 }} {{ ('<b>{}</b>'|safe).format('<') }}
{{ ('<b>'|safe).upper() }} {{ ('<b>'|safe)|upper }} {{ ('<a> <b>'|safe).split() }} {{ ('<'|safe).join(['<', '>'|safe]) }} {{ ('a<b'|safe)|replace('a', '<') }} {{ 'a<b'|replace('a', '<'|safe) }} {{ ('<b>'|safe)[0] }} {{ ('<b>'|safe)|first }} {{ ('<b>'|safe)|length }} {{ ('<b>'|safe)|trim }} {{ ('<b>'|safe)|string }} {{ ('<b>'|safe).replace('b', '<') }}
{{ words|join('<br>') }} {{ words|join('<br>'|safe) }} {{ ['<', '<'|safe]|join(',') }} {{ ['<', '>']|join('&') }} {{ []|join('<') }}
{% set b %}<i>{{ html }}</i>{% endset %}{{ b }} {% macro m(a) %}<u>{{ a }}</u>{% endmacro %}{{ m('<') }} {{ m('<')|upper }} {% call m('x') %}{% endcall %}
{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}<b>{{ html }}</b>{% endcall %}
{% filter upper %}<b>{{ html }}</b>{% endfilter %}
{{ card|tojson }} {{ '<'|tojson }} {{ html|urlize }} {{ 'http://x.com <b>'|urlize }} {{ {'a': '<"'}|xmlattr }} {{ html|striptags }} {{ '<b>x</b>'|safe|striptags }} {{ html|forceescape }} {{ '&lt;'|safe|forceescape }}
{{ '<>'|center(6) }} {{ 'a⏎<'|indent }} {{ '<a b c d e>'|truncate(5, leeway=0) }} {{ '<'|upper }} {{ ('<a b c d e>'|safe)|truncate(5, leeway=0, end='<') }} {{ '<b>'|wordwrap(2) }} {{ ['<']|first }} {{ '<'|list }} {{ '<'|reverse }} {{ ('<&'|safe)|reverse }}
{{ ('<'|safe) == '<' }} {{ '<' in ('<b>'|safe) }} {{ ['<'|safe] }} {{ (html|safe) is string }} {{ (html|safe) is escaped }} {{ 'a'|e ~ '<' }}
<ul>⏎  {% for i in nums %}⏎    <li>{{ i }}</li>⏎  {% endfor %}⏎</ul>⏎
  {% if yes %}⏎x⏎  {% endif %}  y⏎{% if yes %}z{% endif %}⏎w
  {{ n }}⏎  {# c #}⏎  {%+ if yes %}a{% endif +%}⏎b {% if yes %} c {% endif %}⏎
{% autoescape false %}{{ html }}{% endautoescape %}{{ html }}
{{ '<%s>' % html }} {{ '<{}>'.format(html) }} {{ ('<{0}>'|safe).format(html) }} {{ ('{:>5}'|safe).format('<') }} {{ ('{0}{1}'|safe).format('<', '<'|safe) }}
""",
    "markdown": r"""
a⏎{% if yes %}⏎b⏎{% endif %}⏎c⏎
a⏎  {% if yes %}⏎    b⏎  {% endif %}⏎c
a⏎  {# c #}⏎b⏎  {# c #} d⏎
{% for i in nums %}⏎- {{ i }}⏎{% endfor %}⏎end
  {%- if yes %}⏎  x⏎  {%- endif %}⏎y
  {%+ if yes %}⏎x {%+ endif +%}⏎y
{% raw %}⏎ {{ a }}⏎  {% endraw %}⏎b
  {% set a = 1 %}⏎{{ a }}⏎⏎  {{ a }}⏎
x {% if yes %} y {% endif %} z⏎{% if yes %}⏎⏎a{% endif %}
{{ html }} {{ n }}⏎{{ n }}⏎  {{- n -}}⏎ x
	{% if yes %}⏎	tab⏎	{% endif %}⏎
""",
    "expression": r"""
{{ name|format }} {{ '%s!'|format(name) }}
{{ missing|format }}|
{{ '%s-%s'|format(1, 2) }} {{ '%(a)s'|format(a=3) }} {{ 'plain'|format }}
{{ '%d'|format('x') }}
{{ people|length > 2 }}
{% if n > 5 %}a{% else %}b{% endif %}
{{ {'Ada': 'first'}[name] }} {{ words[0][:2] }} {{ name.lower() == 'ada' }}
""",
}

PAYLOADS = r"""
{{ ''.__class__ }}
{{ ''.__class__.__mro__ }}
{{ ''['__class__'] }}
{{ ''|attr('__class__') }}
{{ ''|attr('_x') }}
{{ ().__class__.__bases__[0].__subclasses__() }}
{{ [].__class__.__base__ }}
{{ {}.__class__ }}
{{ n.__class__ }}
{{ x.__add__(1) }}
{{ nil.__class__ }}
{{ yes.__class__ }}
{{ name.__init__ }}
{{ range.__globals__ }}
{{ range.__call__ }}
{{ dict.__mro__ }}
{{ dict.mro() }}
{{ dict.fromkeys([1]) }}
{{ cycler.__init__.__globals__ }}
{{ joiner.__init__.__globals__['os'] }}
{{ namespace.__init__.__globals__ }}
{{ namespace(a=1).__class__ }}
{{ namespace(a=1)._Namespace__attrs }}
{{ cycler(1).__init__ }}
{{ cycler(1).next.__func__ }}
{{ self.__init__.__globals__ }}
{{ self._TemplateReference__context }}
{{ self.__dict__ }}
{{ loop.__class__ }}
{% for i in nums %}{{ loop.__class__ }}{% endfor %}
{% for i in nums %}{{ loop._iterator }}{% endfor %}
{% for i in nums %}{{ loop._iterable }}{% endfor %}
{% macro m() %}{% endmacro %}{{ m.__class__ }}
{% macro m() %}{% endmacro %}{{ m._func }}
{% macro m() %}{% endmacro %}{{ m.__globals__ }}
{% macro m() %}{{ caller.__class__ }}{% endmacro %}{% call m() %}{% endcall %}
{% macro m() %}{{ kwargs.__class__ }}{{ varargs.__class__ }}{% endmacro %}{{ m() }}
{{ '{0.__class__}'.format('') }}
{{ '{0[__class__]}'.format(card) }}
{{ '{a.__class__}'.format(a=1) }}
{{ '{0.__class__.__mro__}'.format(1) }}
{{ '{0.__init__.__globals__}'.format(range) }}
{{ '{x.__class__}'.format_map({'x': 1}) }}
{{ '{0._x}'.format(card) }}
{{ '{0.format}'.format('') }}
{{ ('{0.__class__}'|safe).format(1) }}
{{ ['{0.__class__}']|map('format', 1)|list }}
{{ '%(__class__)s' % card }}
{{ (''.format)('x') }}
{% set f = ''.format %}{{ f }}
{% set ns = namespace(f=''.format) %}{{ ns.f }}
{{ '{0.__class__}'|attr('format') }}
{{ ['x']|map(attribute='format')|list }}
{{ ['x']|map(attribute='__class__')|list }}
{{ ['x']|map('attr', '__class__')|list }}
{{ people|map(attribute='__class__')|list }}
{{ people|map(attribute='name.__class__')|list }}
{{ people|selectattr('__class__')|list }}
{{ people|sort(attribute='__class__') }}
{{ people|groupby('__class__') }}
{{ people|sum(attribute='__class__') }}
{{ people|unique(attribute='__class__')|list }}
{{ people|join(',', attribute='__class__') }}
{{ people|max(attribute='__class__') }}
{{ words|selectattr('__class__')|list }}
{{ 'ab'.encode() }}
{{ nums.append(4) }}{{ nums }}
{{ nums.extend([1]) }}{{ nums }}
{{ nums.insert(0, 1) }}{{ nums }}
{{ nums.pop() }}{{ nums }}
{{ nums.clear() }}{{ nums }}
{{ nums.sort() }}{{ nums }}
{{ nums.reverse() }}{{ nums }}
{{ nums.remove(3) }}{{ nums }}
{{ card.update({'a': 1}) }}{{ card }}
{{ card.pop('title') }}{{ card }}
{{ card.popitem() }}{{ card }}
{{ card.clear() }}{{ card }}
{{ card.setdefault('z', 1) }}{{ card }}
{{ card.update }}
{{ card.__setitem__('a', 1) }}
{{ card.__class__ }}
{{ card['__class__'] }}
{{ card._private }}
{{ card['_private'] }}
{{ card.constructor }}
{{ card['constructor'] }}
{{ card.__proto__ }}
{{ card['__proto__'] }}
{{ card.hasOwnProperty }}
{{ card.toString }}|
{{ card.toString() }}
{{ nums.length }}|
{{ nums.map }}|
{{ nums.constructor }}
{{ name.constructor.constructor('return 1')() }}
{{ name.constructor }}
{{ name.prototype }}
{{ name.length }}|
{{ name.at(0) }}
{{ name.repeat(3) }}
{{ range.constructor }}
{{ range.call }}|
{{ range.bind }}|
{{ (name|upper).constructor }}
{{ [].filter.constructor }}
{{ constructor }}|
{{ __proto__ }}|
{{ hasOwnProperty }}|
{{ toString }}|
{{ valueOf }}|
{{ globalThis }}|
{{ process }}|
{{ require('fs') }}
{{ eval('1') }}
{{ Function('return 1')() }}
{{ this }}|
{{ window }}|
{{ undefined }}|
{{ Object }}|
{{ config }}|
{{ request }}|
{{ __builtins__ }}|
{{ open('/etc/passwd').read() }}
{{ __import__('os') }}
{{ get_flashed_messages }}|
{{ 'constructor' in card }}
{{ '__proto__' in card }}
{{ {'__proto__': 1} }}
{{ {'__proto__': 1}['__proto__'] }}
{{ {'constructor': 1}.constructor }}
{{ {'__proto__': {'x': 1}}.x }}|
{{ dict(__proto__=1) }}
{{ dict(constructor=1)['constructor'] }}
{% set __proto__ = 1 %}{{ __proto__ }}
{% set constructor = 1 %}{{ constructor }}
{% set ns = namespace() %}{% set ns.__proto__ = 1 %}{{ ns }}
{% set ns = namespace(__class__=1) %}{{ ns['__class__'] }}
{% macro constructor() %}x{% endmacro %}{{ constructor() }}
{% macro m(__proto__) %}{{ __proto__ }}{% endmacro %}{{ m(1) }}
{% block constructor %}x{% endblock %}{{ self.constructor() }}
{{ name|constructor }}
{{ name|__proto__ }}
{{ name|toString }}
{{ name is constructor }}
{{ nums|map('constructor')|list }}
{{ nums|select('constructor')|list }}
{% constructor %}
{% toString %}
{{ {'a': 1}|xmlattr('__class__') }}
{{ {'a onload=x': 1}|xmlattr }}
{{ {'a/onload=x': 1}|xmlattr }}
{{ '<script>alert(1)</script>'|e }}
{{ 'javascript:alert(1)'|urlize }}
{{ 'http://x.com"onmouseover="alert(1)'|urlize }}
{{ missing._x }}|
{{ missing.__class__ }}
{{ (missing|default(''))['__class__'] }}
{{ (range(3)|map('string')).gi_frame }}
{{ (nums|map('string')).__class__ }}
{{ (nums|map('string')).gi_code }}
{{ card.items().__class__ }}
{{ card.items().mapping }}
{{ nums.__iter__() }}
{{ nums.__getitem__(0) }}
{{ nums|first|attr('__class__') }}
{{ lipsum.__globals__ }}
{{ lipsum.__globals__['os'].popen('id').read() }}
{{ [1, 2]|random }}
{{ 'x' * 1000000000 }}
{{ 'x' * 100000000000000000 }}
{{ [0] * 1000000000 }}
{{ (1,) * 1000000000 }}
{{ range(100001)|list|length }}
{{ range(1000000000) }}
{{ range(100000)|list|length }}
{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}
{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}
{% for i in range(100000) %}{{ 'x' * 10000 }}{% endfor %}
{% set ns = namespace(s='a') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s|length }}
{% set ns = namespace(s='a') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s|length }}
{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s|length }}
{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}
{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s == ns.s }}{{ ns.s|tojson|length }}
{% set ns = namespace(s=[]) %}{% for i in range(50000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s|string|length }}
{% set ns = namespace(s=[]) %}{% for i in range(50000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s == [ns.s] }}
{% set ns = namespace(s=()) %}{% for i in range(50000) %}{% set ns.s = (ns.s,) %}{% endfor %}{{ {ns.s: 1}|length }}
{% set ns = namespace(s={}) %}{% for i in range(50000) %}{% set ns.s = {'a': ns.s} %}{% endfor %}{{ ns.s|tojson|length }}
{% set ns = namespace() %}{% set ns.a = ns %}{{ ns|string|length > 5 }}
{% set ns = namespace() %}{% set ns.a = [ns] %}{{ ns.a == ns.a }}
{{ 2 ** 65 }}
{{ 10 ** 400 }}
{{ 9 ** 9 ** 9 ** 9 }}
{{ 10 ** 10 ** 10 }}
{{ 2.0 ** 100000 }}
{{ (-1) ** 999999999999 }}
{{ 1 ** 99999999999 }}
{{ (10 ** 18) * 100 }}
{{ 9223372036854775807 + 1 }}
{{ '%999999999d' % 1 }}
{{ '%.999999999f' % 1 }}
{{ '%*d' % (999999999, 1) }}
{{ '%-999999999s' % 'a' }}
{{ '{:999999999}'.format(1) }}
{{ '{:.999999999f}'.format(1.5) }}
{{ '{:0999999999d}'.format(1) }}
{{ '{:{}}'.format('a', 999999999) }}
{{ '{:,>999999999}'.format('a') }}
{{ '{0}'.format('x' * 1000000) * 100 }}
{{ 'a'.center(1000000000) }}
{{ 'a'.ljust(1000000000) }}
{{ 'a'.rjust(1000000000) }}
{{ 'a'.zfill(1000000000) }}
{{ 'a'|center(1000000000) }}
{{ 'a'|indent(1000000000, true) }}
{{ 'a⏎b'|indent('x' * 1000000) }}
{{ ('a⏎' * 100000)|indent(100000) }}
{{ '\t'.expandtabs(1000000000)|length }}
{{ ('\t' * 10000).expandtabs(10000)|length }}
{{ nums|batch(1000000000, 'x')|list|length }}
{{ nums|slice(1000000000)|list|length }}
{{ nums|slice(-1)|list }}
{{ nums|batch(0)|list }}
{{ nums|batch(-1)|list }}
{{ ('a' * 100000)|replace('', 'b' * 1000)|length }}
{{ ('a' * 100000).replace('a', 'b' * 100000)|length }}
{{ ('x' * 100000).split('x')|length }}
{{ ('a' * 1000000)|wordwrap(1)|length }}
{{ ('a ' * 100000)|wordwrap(10)|length }}
{{ ('-' * 100000)|wordwrap(10)|length }}
{{ ('a-' * 50000)|wordwrap(10)|length }}
{{ ('<a ' * 20000)|striptags|length }}
{{ ('<!--' * 20000)|striptags|length }}
{{ ('<' * 100000)|e|length }}
{{ ('&' * 4000000)|e|e|e|length }}
{{ ('http://a.com ' * 10000)|urlize|length }}
{{ ('(' * 50000)|urlize|length }}
{{ (')' * 50000)|urlize|length }}
{{ ('a@' * 20000)|urlize|length }}
{{ ('a.' * 20000 ~ 'com')|urlize|length }}
{{ ('www.' * 20000)|urlize|length }}
{{ ('a' * 5000000).count('b' ~ 'a' * 2000000) }}
{{ ('b' ~ 'a' * 2000000) in ('a' * 5000000) }}
{{ ('a' * 5000000).rfind('a' * 2000000 ~ 'b') }}
{{ ('a' * 5000000).replace('b' ~ 'a' * 2000000, '')|length }}
{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{{ 'y' if s == s ~ '' }}{% endfor %}
{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{% if s|length %}{% endif %}{% endfor %}
{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{% if s < s %}{% endif %}{% endfor %}
{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{% if s.upper() %}{% endif %}{% endfor %}
{% set s = '🎈' * 300000 %}{% for i in range(100000) %}{{ s[5] }}{% endfor %}
{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{{ s[::2]|length }}{% endfor %}
{% set s = ['a' * 100000] * 1000 %}{{ s|sort|length }}{{ s|unique|list|length }}
{{ range(100000)|list|sort(reverse=true)|map('string')|join|length }}
{{ range(100000)|map('string')|groupby('x')|length }}
{% set l = range(10000)|list %}{% for i in l %}{% if 99999 in l %}{% endif %}{% endfor %}
{% set l = range(10000)|list %}{% for i in l %}{{ l.count(i) }}{% endfor %}
{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}
{% macro m(k) %}{{ m(k + 1) }}{{ m(k + 1) }}{% endmacro %}{{ m(0) }}
{% macro m(k) %}{% if k > 0 %}{{ m(k - 1) }}{{ m(k - 1) }}{% endif %}{% endmacro %}{{ m(40) }}
{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{{ caller() }}{% endmacro %}{% call m() %}x{% endcall %}
{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}
{% for t in nested recursive %}{{ loop(nested) }}{% endfor %}
{% block b %}{{ self.b() }}{% endblock %}
{{ '1' * 5000|int }}
{{ ('1' * 5000)|int }}
{{ ('9' * 100000)|float }}
{{ ('1' * 100000)|int(base=36) }}
{{ 1e308 * 1e308 }}
{{ 1e308|int }}
{{ 1e300|round(-400) }}
{{ 1.5|round(999999999) }}
{{ 1.5|round(-999999999) }}
{{ 5|round(-999999999) }}
{{ 1.5|round(999, 'ceil') }}
{{ nums|sum(start='') }}
{{ [[1]] * 3 }}
{{ [[]] * 3000000 }}
{{ dict(**{'a': 1}) }}
{{ range(*[1, 2, 3])|list }}
{{ range(*range(100000)) }}
{{ cycler(*range(100000)).next() }}
{{ ''.join(['x' * 1000000] * 1000) }}
{{ (['x' * 1000000] * 1000)|join|length }}
{{ [['x' * 1000000] * 1000]|string|length }}
{{ (['x' * 100000] * 1000)|tojson|length }}
{{ (['x' * 100000] * 1000)|pprint|length }}
{{ ('a b ' * 100000)|title|length }}
{{ ('a' * 1000000)|list|length }}
{{ ('a' * 1000000)|reverse|length }}
{{ ('é' * 1000000)|urlencode|length }}
{{ ('a⏎' * 500000)|wordcount }}
{{ 'abc'.translate({97: 'x' * 1000000})|length }}
{{ ('a' * 100000).translate({97: 'x' * 100000})|length }}
{{ ('%s' * 100000) % (range(100000)|list) }}
{{ '%(a)s' * 100000 % {'a': 'x' * 1000} }}
{{ ('{' * 10000).format() }}
{{ ('{}' * 10000).format(*range(10000))|length }}
{{ ('{0}' * 100000).format('x' * 1000)|length }}
{{ ('{:' * 1000).format(1) }}
{{ '{a[' ~ 'b' * 100000 ~ ']}' }}
{{ ('{0[' * 10000).format(1) }}
"""

GENERATED = [
    "{{ " + "(" * 200 + "1" + ")" * 200 + " }}",
    "{{ " + "[" * 200 + "1" + "]" * 200 + " }}",
    "{{ " + "not " * 300 + "yes }}",
    "{{ " + "-" * 300 + "1 }}",
    "{{ " + "1 + " * 5000 + "1 }}",
    "{{ " + "'a' ~ " * 5000 + "'a' }}",
    "{{ " + "yes and " * 5000 + "yes }}",
    "{{ " + "1 if no else " * 300 + "2 }}",
    "{{ name" + "|upper" * 300 + " }}",
    "{{ card" + ".size" * 300 + " }}",
    "{{ range" + "()" * 300 + " }}",
    "{{ " + "1 ** " * 300 + "1 }}",
    "{{ " + "1 < " * 3000 + "1 }}",
    "{% if yes %}" * 90 + "deep" + "{% endif %}" * 90,
    "{% for i in nums %}" * 15 + "x" + "{% endfor %}" * 15,
    "{% for i in nums %}" * 70 + "{% endfor %}" * 70,
    "{% if yes %}" * 5000,
    "{{ " * 20000,
    "{% " * 20000,
    "{# " * 20000,
    "{{ '" + "\\" * 100001,
    "{{ " + "f(" * 5000,
    "{{ " + "a[" * 5000,
    "{% set a = " + "[" * 10000 + " %}",
    "".join(f"{{% macro m{i}() %}}{{{{ m{i + 1}() }}}}{{{{ m{i + 1}() }}}}{{% endmacro %}}" for i in range(40)) + "{{ m0() }}",
    "{{ [" + "0," * 60000 + "] }}",
    "{{ " + "9" * 100000 + " }}",
    "{{ 1e" + "9" * 100 + " }}",
    "{% raw %}" * 1000,
    "{%" + " " * 100000 + "raw",
    "{{" + " " * 100000,
    "{{ name" + " |" * 10000,
    "a" * 100000 + "{{ name }}",
]


def render(category, template, context):
    environment = SandboxedEnvironment(**OPTIONS[category])
    try:
        text = environment.from_string(template).render(**context)
    except Exception as error:  # the kind of failure is what is recorded
        return {"error": type(error).__name__}
    if re.search(r" at 0x[0-9a-f]+", text):
        return {"prints_host_object": True}
    if len(text) > 3000:
        return {"expected_length": len(text)}
    return {"expected": text}


def used(template):
    return {name: value for name, value in CONTEXT.items() if re.search(rf"\b{name}\b", template)}


def contained(template, pipe):
    resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
    resource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))
    pipe.send(render("llm_prompt", template, used(template)))


def payload(template):
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=contained, args=(template, sender))
    child.start()
    sender.close()
    try:
        outcome = receiver.recv() if receiver.poll(4) else {"error": "timeout"}
    except EOFError:
        outcome = {"error": "killed"}
    child.kill()
    child.join()
    return outcome


def lines(block):
    return [line.replace("⏎", "\n") for line in block.strip("\n").split("\n")]


def write(name, cases):
    text = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
    (FOLDER / name).write_text(text, encoding="utf-8")


def main():
    goldens = []
    for category, block in GOLDENS.items():
        for index, template in enumerate(lines(block), 1):
            case = {"id": f"{category}_{index:03}", "category": category, "template": template, "context": used(template)}
            goldens.append(case | render(category, template, case["context"]))
    write("goldens.jsonl", goldens)
    payloads = []
    for index, template in enumerate(lines(PAYLOADS) + GENERATED, 1):
        case = {"id": f"payload_{index:03}", "category": "llm_prompt", "template": template, "context": used(template)}
        payloads.append(case | {"hostile": True} | payload(template))
    write("payloads.jsonl", payloads)


if __name__ == "__main__":
    main()
