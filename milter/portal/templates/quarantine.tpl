{{%AUTOESCAPE context="HTML"}}
<h1>Quarantine</h1>
<p>Mail for you that was taken for spam or for a forged bounce. Release what is wanted: it moves to your inbox.</p>
{{#ALERTS}}<p><a href="/feeds">Be alerted when something new comes</a></p>{{/ALERTS}}
{{#EMPTY}}<div class="card empty"><p>Nothing here. All your mail was delivered.</p></div>{{/EMPTY}}
{{#FULL}}
<ul class="mails">
{{#MAIL}}<li class="card mail">
<div class="what"><a class="subject" href="/quarantine/message?uid={{UID}}&amp;validity={{VALIDITY}}">{{SUBJECT}}</a>
<p class="meta"><span>{{FROM}}</span> · <time datetime="{{ISO}}">{{WHEN}}</time> · {{SIZE}}</p>
<p class="why">{{WHY}}</p></div>
<div class="acts">
<form method="post" action="/quarantine/release"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="uid" value="{{UID}}"><input type="hidden" name="validity" value="{{VALIDITY}}"><button aria-label="Release: {{SUBJECT}}">Release</button></form>
<form method="post" action="/quarantine/delete"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="uid" value="{{UID}}"><input type="hidden" name="validity" value="{{VALIDITY}}"><button class="danger" aria-label="Delete: {{SUBJECT}}">Delete</button></form>
</div></li>{{/MAIL}}
</ul>
<nav class="pages" aria-label="Further messages">{{#NEWER}}<a class="button quiet" href="/quarantine?page={{PAGE}}">Newer</a>{{/NEWER}}<span>{{RANGE}}</span>{{#OLDER}}<a class="button quiet" href="/quarantine?page={{PAGE}}">Older</a>{{/OLDER}}</nav>
{{/FULL}}
