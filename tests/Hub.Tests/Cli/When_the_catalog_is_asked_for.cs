namespace Hub.Tests.Cli;

public sealed class When_the_catalog_is_asked_for
{
    private const string Violation =
        """{"type":"type_mismatch","event_type":"behavior_tracked","name":"order_completed","path":"payload.purchase.price","expected":"number","found":"string","producer":"webshop","schema":null,"count":412,"first_at":"2026-11-20T10:00:00Z","last_at":"2026-11-26T10:00:00Z","sample_event_id":null,"action":"quarantine","owner":"shop-team","severity":"high"}""";

    private const string Entry =
        """{"event_type":"behavior_tracked","versions":[1],"schema":"urn:integrationhub:schema:behavior_tracked:v1","owner":"shop-team","retention":"standard","retention_days":400,"slo":"live","last_day":7,"total":9,"quarantined":1,"last_seen":"2026-11-26T10:00:00Z","producers":[{"producer":"webshop","last_day":7,"total":9,"quarantined":1,"last_seen":"2026-11-26T10:00:00Z"}],"violations":[VIOLATION]}""";

    [Test]
    public async Task Should_tell_how_facts_depart_from_their_contracts()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/violations?producer=webshop&limit=1000", Session.List(Violation));
        Assert.That(await session.CallAsync("violations", "list", "--producer", "webshop"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("type_mismatch behavior_tracked order_completed of webshop at payload.purchase.price (string instead of number): 412 facts").And.Contain("set aside"));
    }

    [Test]
    public async Task Should_tell_what_came_in_of_a_type()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/catalog/behavior_tracked", Entry.Replace("VIOLATION", Violation, StringComparison.Ordinal));
        Assert.That(await session.CallAsync("catalog", "show", "behavior_tracked"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("behavior_tracked (shop-team): 7 in a day, 9 in all, 1 set aside").And.Contain("kept 400 days (standard); service level live").And.Contain("  webshop: 7 in a day").And.Contain("412 facts"));
    }

    [Test]
    public async Task Should_list_the_types()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/catalog", Session.List(Entry.Replace("[VIOLATION]", "null", StringComparison.Ordinal)));
        Assert.That(await session.CallAsync("catalog", "list"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("behavior_tracked (shop-team): 7 in a day"));
    }
}
