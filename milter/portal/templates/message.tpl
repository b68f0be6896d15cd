{{%AUTOESCAPE context="HTML"}}
<p><a href="/quarantine">← Quarantine</a></p>
<article class="card">
<h1>{{SUBJECT}}</h1>
<dl>
<div><dt>From</dt><dd>{{FROM}}</dd></div>
<div><dt>To</dt><dd>{{TO}}</dd></div>
<div><dt>Date</dt><dd>{{DATE}}</dd></div>
<div><dt>Why it is here</dt><dd>{{WHY}}</dd></div>
{{#RULES}}<div><dt>Rules that hit</dt><dd>{{TEXT}}</dd></div>{{/RULES}}
</dl>
<div class="acts">
<form method="post" action="/quarantine/release"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="uid" value="{{UID}}"><input type="hidden" name="validity" value="{{VALIDITY}}"><button>Release to the inbox</button></form>
<form method="post" action="/quarantine/delete"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="uid" value="{{UID}}"><input type="hidden" name="validity" value="{{VALIDITY}}"><button class="danger">Delete</button></form>
</div>
<h2>Text</h2>
<p class="hint">Plain text only: no picture is shown, no link works.</p>
<pre class="text" tabindex="0" role="region" aria-label="Text of the message">{{TEXT:p}}</pre>
{{#CUT}}<p class="hint">The message is longer than what is shown.</p>{{/CUT}}
{{#ATTACHMENTS}}<h2>Attachments</h2><ul>{{#ATTACHMENT}}<li>{{NAME}} <span class="tag">{{TYPE}}</span></li>{{/ATTACHMENT}}</ul>{{/ATTACHMENTS}}
</article>
