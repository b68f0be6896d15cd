{{%AUTOESCAPE context="HTML"}}
<h1>Administration</h1>
<nav class="tables" aria-label="Tables"><ul>{{#TABLE}}<li><a class="button quiet" href="/admin?table={{NAME}}"{{#HERE}} aria-current="page"{{/HERE}}>{{WORDS}}</a></li>{{/TABLE}}</ul></nav>
<div class="card">
<h2>{{TITLE}}</h2>
<p class="hint">{{HINT}}</p>
{{#BAD}}<div class="wrong" role="alert"><p>Nothing was changed:</p><ul>{{#FAULT}}<li>{{TEXT}}</li>{{/FAULT}}</ul></div>{{/BAD}}
<form method="post" action="/admin/diff">
<input type="hidden" name="token" value="{{TOKEN}}">
<input type="hidden" name="table" value="{{TABLE_NAME}}">
<label for="text">Rows, one a line: key, blank, value</label>
<textarea id="text" name="text" rows="16" spellcheck="false" autocapitalize="none" autocomplete="off">
{{TEXT:p}}</textarea>
<button>Show what that changes</button>
</form>
</div>
<div class="card">
<h2>Latest changes</h2>
{{#NO_CHANGES}}<p>None yet.</p>{{/NO_CHANGES}}
{{#CHANGES}}<div class="scroll" tabindex="0" role="region" aria-label="Latest changes"><table class="trail"><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Row</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>{{#CHANGE}}<tr><td>{{WHEN}}</td><td>{{WHO}}</td><td>{{ROW}}</td><td>{{BEFORE}}</td><td>{{AFTER}}</td></tr>{{/CHANGE}}</tbody></table></div>{{/CHANGES}}
</div>
