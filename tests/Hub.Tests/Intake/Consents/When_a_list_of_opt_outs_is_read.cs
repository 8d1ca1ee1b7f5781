using System.Text;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Intake.Consents;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Consent;

namespace IntegrationHub.Hub.Tests.Intake.Consents;

/// <summary>Exports of mail tools and preference centers are read as they are written; what cannot be read is said line by line.</summary>
public sealed class When_a_list_of_opt_outs_is_read
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly ConsentDefaults _optOuts = new(["newsletter", "sms"], "newsletter", "denied", "mailchimp", null, null, null);
    private static readonly ConsentDefaults _nothing = _optOuts with { Purpose = null, Status = null };

    // Mailchimp's export of unsubscribed contacts names the address so (https://mailchimp.com/help/view-export-contacts/).
    [TestCase("Email Address,First Name,UNSUB_TIME\na@x.org,Bo,2026-01-02 10:00:00\n", "a@x.org denied 2026-01-02T10:00:00")]
    [TestCase("email\na@x.org\n", "a@x.org denied 2026-11-26T12:00:00")]
    [TestCase("Name;E-Mail\nBo;A@X.org\n", "A@X.org denied 2026-11-26T12:00:00")]
    [TestCase("external_id,status\n0007,Opted out\n", "0007 denied 2026-11-26T12:00:00")]
    [TestCase("email,status\na@x.org,\n", "a@x.org denied 2026-11-26T12:00:00")]
    [TestCase("email,decided_at\na@x.org,2026-01-02\n", "a@x.org denied 2026-01-02T23:59:59.999")]
    [TestCase("email,decided_at\na@x.org,2026-11-26\n", "a@x.org denied 2026-11-26T12:00:00")]
    [TestCase("email,status,decided_at\na@x.org,yes,2026-01-02\n", "a@x.org granted 2026-01-02T00:00:00")]
    [TestCase("email,decided_at\na@x.org,2026-01-02 10:00:00+00\n", "a@x.org denied 2026-01-02T10:00:00", Description = "a database's offset")]
    [TestCase("email,decided_at\na@x.org,2026-01-02 10:00:00.25-05\n", "a@x.org denied 2026-01-02T15:00:00.25")]
    [TestCase("email,decided_at\na@x.org,2026-01-02 10:00:00.5 UTC\n", "a@x.org denied 2026-01-02T10:00:00.5")]
    [TestCase("email,decided_at\na@x.org,2/1/26\n", "a@x.org denied 2026-11-26T12:00:00", Description = "a no holds although its time cannot be read")]
    [TestCase("email,decided_at\na@x.org,2031-01-01\n", "a@x.org denied 2026-11-26T12:00:00")]
    [TestCase("email\nBo Berg <A@x.org>\n", "A@x.org denied 2026-11-26T12:00:00")]
    [TestCase("email;name\nmailto:a@x.org;Bo\n", "a@x.org denied 2026-11-26T12:00:00")]
    [TestCase("email;name\n'a@x.org;Bo\n", "a@x.org denied 2026-11-26T12:00:00")]
    [TestCase("{\"Email\":\"a@x.org\",\"more\":[1]}\n", "a@x.org denied 2026-11-26T12:00:00")]
    [TestCase("{\"external_id\":\"7\",\"status\":false}\n", "7 denied 2026-11-26T12:00:00")]
    [TestCase("Mobile\n+43 (664) 123 45 67\n", "+436641234567 denied 2026-11-26T12:00:00")]
    [TestCase("external_id,phone\n7,no number\n", "7 denied 2026-11-26T12:00:00")]
    public async Task Should_say_whom_what_and_when(string text, string expected)
    {
        var (statements, rejects) = await ReadAsync(text, _optOuts);

        Assert.That(rejects, Is.Empty);
        Assert.That(statements.Select(Text), Is.EqualTo(new[] { expected }));
    }

    [TestCase("email\nnobody\n", "2 email email_malformed")]
    [TestCase("email,name\n,Bo\n", "2 email keys_missing")]
    [TestCase("phone\n0664 1234567\n", "2 phone phone_malformed")]
    [TestCase("email,status\na@x.org,perhaps\n", "2 status consent_unknown")]
    [TestCase("email,status\na@x.org,yes\n", "2 decided_at missing")]
    [TestCase("email,status,decided_at\na@x.org,yes,2/1/26\n", "2 decided_at time_malformed")]
    [TestCase("email,status,decided_at\na@x.org,yes,2031-01-01\n", "2 decided_at time_malformed")]
    [TestCase("email\n\"a@x.org, b@x.org\"\n", "2 email email_malformed")]
    [TestCase("email\n<mailto:a@x.org|a@x.org>\n", "2 email email_malformed")]
    [TestCase("email\na b@x.org\n", "2 email email_malformed")]
    [TestCase("email\na@\n", "2 email email_malformed")]
    [TestCase("email,purpose\na@x.org,newsleter\n", "2 purpose purpose_unknown")]
    [TestCase("{\"email\":\"a@x.org\"\n", "1 row json_malformed")]
    [TestCase("{\"email\":\"\\ud83d\"}\n", "1 row json_malformed")]
    public async Task Should_name_what_is_not_in_force(string text, string expected)
    {
        var (statements, rejects) = await ReadAsync(text, _optOuts);

        Assert.That(statements, Is.Empty);
        Assert.That(rejects, Is.EqualTo(new[] { expected }));
    }

    [Test]
    public async Task Should_say_that_a_grant_does_not_count_where_the_source_may_only_deny()
    {
        var (statements, rejects) = await ReadAsync("email,status,decided_at\na@x.org,yes,2026-01-02\nb@x.org,no,2026-01-02\n", _optOuts with { MayNotGrant = "The source may only deny." });

        Assert.That(rejects, Is.EqualTo(new[] { "2 status source_may_not_grant" }));
        Assert.That(statements.Select(Text), Is.EqualTo(new[] { "b@x.org denied 2026-01-02T23:59:59.999" }));
    }

    [TestCase("email\na@x.org\n", "2 purpose missing")]
    [TestCase("email,purpose\na@x.org,sms\n", "2 status missing")]
    public async Task Should_ask_for_what_neither_the_list_nor_the_caller_says(string text, string expected) =>
        Assert.That((await ReadAsync(text, _nothing)).Rejects, Is.EqualTo(new[] { expected }));

    [Test]
    public async Task Should_take_the_columns_that_the_caller_names()
    {
        var (statements, _) = await ReadAsync("Primary,Key,email\na@x.org,7,other@x.org\n", _optOuts with { EmailColumn = "Primary", IdColumn = "Key" });

        Assert.That((statements[0].Email, statements[0].ExternalId), Is.EqualTo(("a@x.org", "7")));
    }

    [TestCase("Name,Town\nBo,Bonn\n", "header_line_missing")]
    [TestCase("status,Town\nno,Bonn\n", "header_missing")]
    [TestCase("PK\u0003\u0004", "file_not_text", TestName = "{m}(an archive)")]
    public async Task Should_refuse_a_file_that_names_nobody(string text, string code)
    {
        var refusal = (await Assert.CatchAsync<SnapshotFormatException>(() => ReadAsync(text, _optOuts)))!;

        Assert.That(refusal.Code, Is.EqualTo(code));
    }

    [Test]
    public void Should_be_facts_that_the_intake_takes_and_that_a_repeated_list_states_again()
    {
        var statement = new ConsentStatement(2, null, "a@x.org", "newsletter", "denied", "mailchimp", _now);

        var fact = FactReading.Read(statement.ToFact("consent-list"), _now, Authorities.Everybody).Fact!;

        Assert.Multiple(() =>
        {
            Assert.That((fact.Email, fact.Consents[0].Status, fact.Consents[0].Source, fact.Consents[0].DecidedAt), Is.EqualTo(("a@x.org", "denied", "mailchimp", _now)));
            Assert.That(FactReading.Read((statement with { Line = 9 }).ToFact("consent-list"), _now, Authorities.Everybody).Fact!.EventId, Is.EqualTo(fact.EventId));
            Assert.That(FactReading.Read((statement with { Status = "granted" }).ToFact("consent-list"), _now, Authorities.Everybody).Fact!.EventId, Is.Not.EqualTo(fact.EventId));
        });
    }

    [TestCase("email,status,decided_at,expires_at,legal_basis,evidence_method,evidence_ref,privacy_notice,notice_version,notice_language\na@x.org,yes,2026-01-02,2028-01-02,contract,double_opt_in,r-1,n,v3,de\n")]
    [TestCase("""{"email":"a@x.org","status":"yes","decided_at":"2026-01-02","expires_at":"2028-01-02","legal_basis":"contract","evidence_method":"double_opt_in","evidence_ref":"r-1","notice":"n","notice_version":"v3","notice_language":"de"}""")]
    public async Task Should_say_what_a_decision_rests_on(string text)
    {
        var (statements, rejects) = await ReadAsync(text, _optOuts with { LegalBasis = "consent", Evidence = new ConsentEvidence { Ref = "folder-1" } });
        Assert.That(rejects, Is.Empty);

        var decision = FactReading.Read(statements.Single().ToFact("consent-list"), _now, Authorities.Everybody).Fact!.Consents.Single();

        Assert.Multiple(() =>
        {
            Assert.That((decision.LegalBasis, decision.ExpiresAt), Is.EqualTo(("contract", (DateTimeOffset?)new DateTimeOffset(2028, 1, 2, 0, 0, 0, TimeSpan.Zero))));
            Assert.That(decision.EvidenceJson, Is.EqualTo("""{"method":"double_opt_in","ref":"r-1","notice":"n","notice_version":"v3","language":"de"}"""));
        });
    }

    [Test]
    public async Task Should_rest_on_what_is_said_of_the_whole_list_where_the_row_says_nothing()
    {
        var grants = _optOuts with { Status = "granted", DecidedAt = "2026-01-02", LegalBasis = "consent", Evidence = new ConsentEvidence { Method = "paper_form", Ref = "folder-1" } };
        var (statements, _) = await ReadAsync("email,evidence_ref\na@x.org,\nb@x.org,page-9\n", grants);
        var (bare, _) = await ReadAsync("email\na@x.org\n", grants with { LegalBasis = null, Evidence = new ConsentEvidence() });

        Assert.Multiple(() =>
        {
            Assert.That(statements.Select(statement => (statement.LegalBasis, statement.Evidence?.Method, statement.Evidence?.Ref)), Is.EqualTo(new[] { ("consent", "paper_form", "folder-1"), ("consent", "paper_form", "page-9") }));
            Assert.That(bare.Single().Evidence, Is.Null);
            Assert.That(Id(statements[0]), Is.Not.EqualTo(Id(bare[0])), "what shows a decision that is known already is news");
        });

        static Guid Id(ConsentStatement statement) => FactReading.Read(statement.ToFact("consent-list"), _now, Authorities.Everybody).Fact!.EventId;
    }

    [TestCase("expires_at", "in two years", "time_malformed")]
    [TestCase("evidence_ref", "256 characters", "field_too_long")]
    [TestCase("legal_basis", "65 characters", "field_too_long")]
    public async Task Should_refuse_a_grant_by_what_stands_beside_it_and_never_a_no(string column, string value, string code)
    {
        value = value.EndsWith("characters", StringComparison.Ordinal) ? new string('x', int.Parse(value.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)) : value;
        var (statements, rejects) = await ReadAsync($"email,status,decided_at,{column}\na@x.org,yes,2026-01-02,{value}\nb@x.org,no,2026-01-02,{value}\n", _optOuts);

        Assert.That(rejects, Is.EqualTo(new[] { $"2 {column} {code}" }));
        Assert.That(FactReading.Read(statements.Single().ToFact("consent-list"), _now, Authorities.Everybody).Fact!.Consents.Single().Status, Is.EqualTo("denied"));
    }

    [TestCase("Yes", "granted")]
    [TestCase(" NO ", "denied")]
    [TestCase("opt-out", "denied")]
    [TestCase("Unsubscribed", "denied")]
    [TestCase("\u00a0", null)]
    [TestCase("", null)]
    public void Should_know_the_words(string text, string? status)
    {
        Assert.That(ConsentSpelling.TryRead(text, out var read), Is.True);
        Assert.That(read, Is.EqualTo(status));
    }

    [TestCase("perhaps")]
    [TestCase("yesno")]
    [TestCase("not subscribed and never was")]
    public void Should_not_take_an_unknown_word_for_silence(string text) => Assert.That(ConsentSpelling.TryRead(text, out _), Is.False);

    private static async Task<(List<ConsentStatement> Statements, List<string> Rejects)> ReadAsync(string text, ConsentDefaults said)
    {
        var (statements, rejects) = (new List<ConsentStatement>(), new List<string>());
        var format = text.StartsWith('{') ? SnapshotFormat.Ndjson : SnapshotFormat.Csv;
        await foreach (var (statement, reject) in new ConsentList(said, _now).ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), format, "list", CancellationToken.None))
        {
            if (reject is null)
            {
                statements.Add(statement);
            }
            else
            {
                rejects.Add($"{reject.Line} {reject.Field} {reject.Code}");
            }
        }

        return (statements, rejects);
    }

    private static string Text(ConsentStatement statement) =>
        $"{statement.Email ?? statement.ExternalId ?? statement.Phone} {statement.Status} {statement.DecidedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF", System.Globalization.CultureInfo.InvariantCulture)}";
}
