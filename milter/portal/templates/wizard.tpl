{{%AUTOESCAPE context="HTML"}}
<div class="card ask">
<h1>May this address deliver mail here?</h1>
<form method="get" action="/" role="search">
<label for="address">Address of the sending server</label>
<div class="row"><input id="address" name="address" value="{{ADDRESS}}" placeholder="192.0.2.7 or 2001:db8::7" autocomplete="off" autocapitalize="none" spellcheck="false" inputmode="text" maxlength="100"{{#BAD}} aria-invalid="true" aria-describedby="bad"{{/BAD}}><button>Check</button></div>
{{#BAD}}<p class="wrong" id="bad" role="alert">{{FAULT}}</p>{{/BAD}}
</form>
{{#HELP}}<p class="hint">IPv4 or IPv6, one address. This asks the very list that the mail servers apply. Your own address is <a href="/?address={{MINE}}">{{MINE}}</a>.</p>{{/HELP}}
{{#HELP_PLAIN}}<p class="hint">IPv4 or IPv6, one address. This asks the very list that the mail servers apply.</p>{{/HELP_PLAIN}}
</div>
{{#ANSWER}}
<section class="verdict {{KIND}}" aria-labelledby="verdict">
<h2 id="verdict"><svg aria-hidden="true" viewBox="0 0 24 24" width="64" height="64">{{#PASS}}<path d="M5 13l4.5 4.5L19 7" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>{{/PASS}}{{#FAIL}}<path d="M6 6l12 12M18 6L6 18" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round"/>{{/FAIL}}</svg><span>{{WORD}}</span></h2>
<p class="subject">{{ADDRESS}}</p>
<p>{{REASON}}</p>
</section>
<div class="card">
<h2>Why</h2>
<dl>
{{#DECIDED}}<div><dt>Deciding network</dt><dd><code>{{PREFIX}}</code> <span class="tag">{{USE}}</span></dd></div>{{/DECIDED}}
{{#NOTE}}<div><dt>Note</dt><dd>{{TEXT}}</dd></div>{{/NOTE}}
{{#FROM}}<div><dt>In force from</dt><dd>{{TEXT}}</dd></div>{{/FROM}}
{{#UNTIL}}<div><dt>In force until</dt><dd>{{TEXT}}</dd></div>{{/UNTIL}}
{{#WAITING}}<div><dt>{{WHEN}}</dt><dd><code>{{PREFIX}}</code> <span class="tag">{{USE}}</span> {{TIMES}}</dd></div>{{/WAITING}}
{{#NEAREST}}<div><dt>Closest network</dt><dd><code>{{PREFIX}}</code> <span class="tag">{{USE}}</span></dd></div>{{/NEAREST}}
<div><dt>Authenticated clients</dt><dd>pass from any address</dd></div>
</dl>
</div>
<div class="card">
<h2>What each mail server answers</h2>
{{#NO_NODES}}<p>No mail server has spoken up lately. The answer above comes from the shared list.</p>{{/NO_NODES}}
{{#NODES}}<div class="scroll" tabindex="0" role="region" aria-label="Mail servers"><table>
<thead><tr><th scope="col">Server</th><th scope="col">Answer</th><th scope="col">Its list was read</th></tr></thead>
<tbody>{{#NODE}}<tr><th scope="row">{{NAME}}</th><td>{{#SAME}}<span class="pill {{KIND}}">{{WORD}}</span>{{/SAME}}{{#OTHER}}<span class="pill old">older list</span> may answer otherwise until it has caught up{{/OTHER}}</td><td>{{READ}}</td></tr>{{/NODE}}</tbody>
</table></div>{{/NODES}}
</div>
{{/ANSWER}}
