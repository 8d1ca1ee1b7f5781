using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Marketo;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_profiles_are_read
{
    private SandboxClient _marketo = null!;

    [SetUp]
    public async Task StartAsync() => _marketo = await SandboxClient.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_give_the_fields_that_have_a_value_and_nobody_for_a_key_that_nobody_has()
    {
        await _marketo.UpsertAsync("""{"email":"Ann@example.test","firstName":"Zoë","homeOwner":true,"annualIncome":90000.5},{"email":"ben@example.test"}""");
        var read = await _marketo.Connect().ReadProfilesAsync(["ann@example.test", "ben@example.test", "gone@example.test"], ["firstName", "homeOwner", "annualIncome", "city"], default);
        Assert.That(read.Select(one => (one.Key, one.RemoteId)), Is.EqualTo(new[] { ("ann@example.test", "1"), ("ben@example.test", "2") }));
        Assert.That(read[0].Fields, Is.EquivalentTo(new Dictionary<string, string> { ["firstName"] = "\"Zoë\"", ["homeOwner"] = "true", ["annualIncome"] = "90000.5" }));
        Assert.That(read[1].Fields, Is.Empty);
    }

    [Test]
    public async Task Should_show_every_field_that_Marketo_describes()
    {
        await _marketo.UpsertAsync("""{"email":"ann@example.test","firstName":"Zoë","website":"Birds","unsubscribed":true}""");
        var shown = (await _marketo.Connect().ReadWholeAsync("ann@example.test", default)).Single();
        Assert.That((shown.RemoteId, shown.IsOptedOut), Is.EqualTo(("1", (bool?)true)));
        Assert.That(shown.Fields.Select(field => (field.Name, field.Value)), Is.SupersetOf(new[] { ("firstName", "\"Zoë\""), ("website", "\"Birds\"") }));
        Assert.That(shown.Fields, Has.All.Property(nameof(ShownField.IsVendorsOwn)).True, "it does not tell");
        Assert.That(await _marketo.Connect().ReadWholeAsync("gone@example.test", default), Is.Empty);
    }

    [Test]
    public async Task Should_show_duplicates_as_several_profiles_over_pages()
    {
        await _marketo.UpsertAsync(string.Join(',', Enumerable.Repeat("""{"email":"ann@example.test"}""", 300)), "createDuplicate");
        await _marketo.UpsertAsync("""{"email":"ann@example.test"},{"email":"ben@example.test"}""", "createDuplicate");
        var read = await _marketo.Connect().ReadProfilesAsync(["ann@example.test", "ben@example.test"], [], default);
        Assert.That((read.Count(one => one.Key == "ann@example.test"), read.Count(one => one.Key == "ben@example.test")), Is.EqualTo((301, 1)));
    }

    [Test]
    public async Task Should_ask_for_fewer_keys_when_too_many_people_match()
    {
        for (var i = 0; i < 4; i++)
        {
            await _marketo.UpsertAsync(string.Join(',', Enumerable.Repeat($$"""{"email":"p{{i}}@example.test"}""", 300)), "createDuplicate");
        }

        var read = await _marketo.Connect().ReadProfilesAsync([.. Enumerable.Range(0, 4).Select(i => $"p{i}@example.test")], [], default);
        Assert.That(read, Has.Count.EqualTo(1200));
    }

    [Test]
    public async Task Should_not_take_a_key_that_cannot_be_asked_for_as_erased()
    {
        Assert.That((_marketo.Connect().CanBeAskedFor("a,b"), _marketo.Connect().CanBeAskedFor("a;b")), Is.EqualTo((false, true)));
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await _marketo.Connect().ReadProfilesAsync(["a,b"], [], default));
        Assert.That(thrown!.Condition.Code, Is.EqualTo("key_not_searchable"));
    }

    [TestCase(FaultKind.MalformedBody)]
    [TestCase(FaultKind.EmptyBody)]
    [TestCase(FaultKind.Reset)]
    public async Task Should_not_take_a_broken_answer_for_a_proof(FaultKind kind)
    {
        _marketo.Room.Faults.Add(new Fault { Kind = kind });
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await _marketo.Connect().ReadProfilesAsync(["ann@example.test"], [], default));
        Assert.That(thrown!.Condition.Trouble, Is.EqualTo(DestinationTrouble.Unavailable));
    }

    [Test]
    public async Task Should_say_that_a_field_does_not_exist()
    {
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await _marketo.Connect().ReadProfilesAsync(["ann@example.test"], ["noSuchField"], default));
        Assert.That(thrown!.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Misconfigured, "marketo_1006")));
    }

    [Test]
    public async Task Should_read_by_a_number_that_identifies_people()
    {
        _marketo.Marketo.AddField(new MarketoField("loyaltyNumber", MarketoFieldType.Integer, IsSearchable: true));
        await _marketo.UpsertAsync("""{"loyaltyNumber":7,"email":"ann@example.test"}""", lookup: "loyaltyNumber");
        var read = await _marketo.Connect("loyaltyNumber").ReadProfilesAsync(["7"], ["email"], default);
        Assert.That(read.Single().Key, Is.EqualTo("7"));
    }

    /// <summary>A field as the vendor's page shows it in an answer of describe2: https://github.com/AdobeDocs/marketo-developer.en/blob/main/help/rest-api/leads.md</summary>
    [Test]
    public async Task Should_list_the_fields_with_their_lengths()
    {
        using var marketo = new ScriptedMarketo().Answer(
            """
            {"requestId":"e42b#1","success":true,"result":[{"name":"API Lead","searchableFields":[["email"]],"fields":[
            {"name":"company","displayName":"Company Name","dataType":"string","length":255,"updateable":true,"crmManaged":false},
            {"name":"createdAt","displayName":"Created At","dataType":"datetime","updateable":false,"crmManaged":false}]}]}
            """);
        Assert.That(await marketo.Connect().ListFieldsAsync(default), Is.EqualTo(new[] { new VendorField("company", "string") { Length = 255 }, new VendorField("createdAt", "datetime") { IsReadOnly = true } }));
    }

    [Test]
    public async Task Should_find_what_a_mapping_cannot_write()
    {
        _marketo.Marketo.AddField(new MarketoField("crmScore", MarketoFieldType.Integer) { IsCrmManaged = true });
        var findings = await _marketo.Connect().InspectAsync(
            [
                new("firstName", FieldKind.Text), new("firstName", FieldKind.Number), new("annualIncome", FieldKind.Number), new("homeOwner", FieldKind.Boolean),
                new("dateOfBirth", FieldKind.Date), new("noSuchField", FieldKind.Text), new("createdAt", FieldKind.Instant), new("crmScore", FieldKind.Number),
                new("annualIncome", FieldKind.Text), new("homeOwner", FieldKind.Text), new("dateOfBirth", FieldKind.Instant), new("occupation", FieldKind.Null),
            ],
            default);
        Assert.That(findings.Select(one => $"{one.Name} {one.Code}"), Is.EqualTo(new[]
        {
            "noSuchField field_missing", "createdAt field_read_only", "crmScore field_read_only",
            "annualIncome field_type_differs", "homeOwner field_type_differs", "dateOfBirth field_type_differs",
        }));
        Assert.That(findings, Has.All.Matches<FieldFinding>(one => one!.Problem != "" && one.Fix != ""));
    }

    [Test]
    public async Task Should_say_why_it_cannot_inspect()
    {
        using var marketo = new ScriptedMarketo().Fail("603");
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await marketo.Connect().InspectAsync([], default));
        Assert.That(thrown!.Condition.Trouble, Is.EqualTo(DestinationTrouble.Misconfigured));
    }
}
