{{%AUTOESCAPE context="HTML"}}
<h1>{{TITLE}}: what would change</h1>
<div class="card">
{{#SAME}}<p>Nothing: the table is like that already.</p><p><a class="button" href="/admin?table={{TABLE_NAME}}">Back</a></p>{{/SAME}}
{{#CHANGED}}
<p>{{SUMMARY}}</p>
<pre class="diff" tabindex="0" role="region" aria-label="Changes">{{#LINE}}{{#GONE}}<del>- {{TEXT}}</del>{{/GONE}}{{#NEW}}<ins>+ {{TEXT}}</ins>{{/NEW}}
{{/LINE}}</pre>
{{#BAD}}<p class="wrong" role="alert">{{FAULT}}</p>{{/BAD}}
<form method="post" action="/admin/apply">
<input type="hidden" name="token" value="{{TOKEN}}">
<input type="hidden" name="table" value="{{TABLE_NAME}}">
<input type="hidden" name="seen" value="{{SEEN}}">
<textarea name="text" hidden aria-hidden="true">
{{ROWS:p}}</textarea>
{{#MANY}}<label class="choice"><input type="checkbox" name="force" value="yes"><span><strong>Yes, take most of the table away</strong><br>More than half of its rows would go.</span></label>{{/MANY}}
<div class="row"><button>Make this change</button><a class="button quiet" href="/admin?table={{TABLE_NAME}}">Leave it</a></div>
</form>
{{/CHANGED}}
</div>
