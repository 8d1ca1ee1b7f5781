using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Tests.Delivery;
using Hub.Tests.Configuration;

namespace IntegrationHub.Hub.Tests.Consent;

/// <summary>Only a source that may grants, and only through a producer that may speak for it.</summary>
public sealed class When_a_source_grants
{
    private static readonly ConsentSource _center = new("preference-center", MayGrant: true, []);
    private static readonly ConsentSource _form = new("signup-form", MayGrant: true, ["shop", "app"]);
    private static readonly ConsentSource _crm = new("crm", MayGrant: false, []);

    [TestCase("preference-center", "shop", true)]
    [TestCase("Preference-Center", "shop", true)]
    [TestCase("preference-center", "crm", false, Description = "a producer that may only deny claims the authority of another")]
    [TestCase("preference-center", "CRM", false)]
    [TestCase("signup-form", "app", true)]
    [TestCase("signup-form", "warehouse", false)]
    [TestCase("crm", "shop", false)]
    [TestCase("crm", "preference-center", false)]
    [TestCase("preference-centre", "shop", false, Description = "nobody else")]
    [TestCase("marketo", "shop", false)]
    [TestCase("preference-center", "Marketo", false)]
    public void Should_count_it_by_source_and_producer(string source, string producer, bool counts) =>
        Assert.That(Authorities.Of(_center, _form, _crm).MayGrant(source, producer), Is.EqualTo(counts));

    [TestCase("anything", "anybody", true)]
    [TestCase("crm", "anybody", false)]
    [TestCase("marketo", "anybody", false, Description = "what a vendor says can only deny, whatever is written")]
    [TestCase("vendor:marketo", "anybody", false)]
    [TestCase("vendor:of-long-ago", "anybody", false, Description = "also when the destination is gone")]
    [TestCase("anything", "Vendor:marketo", false)]
    public void Should_count_what_is_not_named_when_others_may(string source, string producer, bool counts) =>
        Assert.That(Authorities.Of(_crm, new ConsentSource(ConsentSource.Others, MayGrant: true, [])).MayGrant(source, producer), Is.EqualTo(counts));

    [TestCase("anything", true)]
    [TestCase("marketo", false)]
    public void Should_count_everybodys_but_a_vendors_without_sources(string source, bool counts) =>
        Assert.That(new ConsentAuthority(new ConsentRules("v1", []), ["marketo"]).MayGrant(source, "shop"), Is.EqualTo(counts));

    [Test]
    public void Should_be_said_by_validate_when_everybody_may_or_a_column_says_yes_in_vain()
    {
        using var fixture = new ConfigurationFixture();
        var sample = fixture.LoadWell();
        var column = sample.Audiences["customers"].Columns[0] with { Role = ColumnRole.Consent, Attribute = "email_marketing" };
        var withColumn = sample with { Audiences = new Dictionary<string, AudienceConfiguration> { ["customers"] = sample.Audiences["customers"] with { Columns = [column] } } };

        Assert.Multiple(() =>
        {
            Assert.That(ConsentWarnings.Of(sample), Is.Empty);
            Assert.That(ConsentWarnings.Of(sample with { Consent = sample.Consent with { Sources = null } }).Single(), Does.Contain("sources: {"));
            Assert.That(ConsentWarnings.Of(withColumn), Is.Empty, "the sample lets the list grant");
            Assert.That(ConsentWarnings.Of(WithRule(expires: true, needsEvidence: false)).Single(), Does.Contain("the rules eu_opt_in of email_marketing"));
            Assert.That(ConsentWarnings.Of(WithRule(expires: false, needsEvidence: true)).Single(), Does.Contain("consent load"));
            Assert.That(ConsentWarnings.Of(WithRule(expires: false, needsEvidence: false)), Is.Empty);
            Assert.That(ConsentWarnings.Of(withColumn with { Consent = sample.Consent with { Sources = [_crm] } }).Single(), Does.Contain("\"list:customers\""));
        });

        HubConfiguration WithRule(bool expires, bool needsEvidence) => withColumn with
        {
            Consent = sample.Consent with
            {
                Purposes =
                [
                    new ConsentPurpose("email_marketing", null, null, null)
                    {
                        Rules = [new RegionalRule("eu_opt_in", ["AT"], true, false, false) { Expires = !expires ? null : new GrantLife(24, 0), NeedsEvidence = needsEvidence }],
                    },
                ],
            },
        };
    }

    [Test]
    public void Should_be_said_of_each_list_in_the_order_of_their_names()
    {
        var hub = Acme.Hub();
        AudienceConfiguration List(string key, params SnapshotColumn[] columns) => hub.Audiences["customers"] with { Key = key, Columns = [new SnapshotColumn("Id", ColumnRole.ExternalId, null), .. columns] };
        var (mail, share) = (new SnapshotColumn("Mail OK", ColumnRole.Consent, "mail"), new SnapshotColumn("Share OK", ColumnRole.Consent, "share"));
        AudienceConfiguration[] lists = [List("d", mail), List("c", mail, share), List("b", mail, share), List("a", share, mail), List("e")];
        RegionalRule[] rules =
        [
            new("proven", ["DE"], true, false, false) { NeedsEvidence = true }, new("ending", ["AT"], true, false, false) { Expires = new GrantLife(24, 0) },
            new("forbidden", ["FR"], false, false, false) { NeedsEvidence = true }, new("open", ["US"], true, false, true) { NeedsEvidence = true }, new("elsewhere", null, true, false, false),
        ];
        var warnings = ConsentWarnings.Of(hub with
        {
            Audiences = lists.ToDictionary(list => list.Key),
            Consent = new ConsentRules("v1", [new ConsentPurpose("mail", null, null, null) { Rules = rules }, new ConsentPurpose("share", new ConsentRule("in", true), null, null)])
            {
                Sources = [new ConsentSource("list:a", MayGrant: true, []), new ConsentSource("list:b", MayGrant: true, []), _crm],
            },
        });
        const string Proof = "counts nowhere by the rules proven, ending of mail: a list says neither when somebody agreed nor what shows it. Load such grants with 'consent load', which takes decided_at and evidence_ref.";
        Assert.That(warnings, Is.EqualTo(new[]
        {
            "audiences/c.yaml: only the no of its columns of consent counts. Write \"list:c\": { may: [grant, deny] } under sources in consent.yaml if its yes counts too.",
            "audiences/d.yaml: only the no of its columns of consent counts. Write \"list:d\": { may: [grant, deny] } under sources in consent.yaml if its yes counts too.",
            $"audiences/a.yaml: the yes of its column Mail OK {Proof}", $"audiences/b.yaml: the yes of its column Mail OK {Proof}",
        }));
    }

    [Test]
    public void Should_count_nobodys_when_sources_is_empty() => Assert.That(Authorities.Of().MayGrant("preference-center", "shop"), Is.False);
}
