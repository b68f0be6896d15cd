{{%AUTOESCAPE context="HTML"}}
<p><a href="/quarantine">← Quarantine</a></p>
<h1>Alerts</h1>
<p>A feed lets a program of yours, such as a feed reader or a mail program, tell you when something new lies in your quarantine. It asks for the feed's address again and again.</p>
{{#NEW}}<section class="card"><h2>The address of your feed</h2>
<p><label for="address">Copy it into your program now; it is not shown again.</label><textarea id="address" readonly rows="5" class="address">{{ADDRESS}}</textarea></p>
<p class="hint">Who knows this address sees who wrote to you and about what, without your password, but can neither read nor release a message. Keep it to yourself, and revoke it if others may have seen it.</p>
<p><a href="/feeds">Done</a></p></section>{{/NEW}}
{{#NONE}}<section class="card"><h2>You have no feed</h2>
<p>Who knows the address of a feed sees who wrote to you and about what, without your password, but can neither read nor release a message.</p>
<form method="post" action="/feeds/make"><input type="hidden" name="token" value="{{TOKEN}}"><button>Make a feed</button></form></section>{{/NONE}}
{{#HAS}}<section class="card"><h2>You have a feed</h2>
<p>Its address was made on {{MADE}}. A new one takes its place, and the old one opens nothing from then on.</p>
<div class="acts">
<form method="post" action="/feeds/make"><input type="hidden" name="token" value="{{TOKEN}}"><button>Make a new address</button></form>
<form method="post" action="/feeds/revoke"><input type="hidden" name="token" value="{{TOKEN}}"><button class="danger">Revoke it</button></form>
</div></section>{{/HAS}}
