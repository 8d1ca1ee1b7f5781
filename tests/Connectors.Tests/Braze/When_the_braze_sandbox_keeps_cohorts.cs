namespace Connectors.Tests.Braze;

/// <summary>The import of partners' cohorts, as the Braze sandbox's README lists it.</summary>
public sealed class When_the_braze_sandbox_keeps_cohorts
{
    private const string Secrets = "\"partner_api_key\":\"sandbox-braze-partner-key\",\"client_secret\":\"sandbox-braze-client-secret\"";

    private ServedBraze _braze = null!;

    [SetUp]
    public async Task Start() => _braze = await ServedBraze.StartAsync();

    [TearDown]
    public async Task Stop() => await _braze.DisposeAsync();

    [Test]
    public async Task Should_take_the_secrets_from_the_body()
    {
        await _braze.PostAsync("partners/hub/cohorts", $$"""{{{Secrets}},"cohort_id":"k","name":"Spring","created_at":"2026-11-21T00:00:00Z"}""", 201);
        await _braze.PostAsync("partners/hub/cohorts", """{"partner_api_key":"x","client_secret":"sandbox-braze-client-secret","cohort_id":"k"}""", 401);
        await _braze.PostAsync("partners/hub/cohorts/users", """{"partner_api_key":"sandbox-braze-partner-key","client_secret":"x","cohort_id":"k"}""", 401);
    }

    [Test]
    public async Task Should_hold_only_people_who_are_there()
    {
        await _braze.TrackAsync("""{"external_id":"a"}""", """{"external_id":"b"}""", """{"user_alias":{"alias_name":"n","alias_label":"l"},"_update_existing_only":false}""");
        await ChangeAsync("""{"user_ids":["a","b","nobody"],"aliases":[{"alias_name":"n","alias_label":"l"}]}""", 201);
        Assert.That(_braze.Sandbox.CohortMembers("k"), Is.EquivalentTo(new[] { "a", "b", null }));
        await ChangeAsync("""{"user_ids":["a"],"should_remove":true}""", 201);
        Assert.That(_braze.Sandbox.CohortMembers("k"), Is.EquivalentTo(new[] { "b", null }));
        Assert.That(_braze.Everybody(), Has.Length.EqualTo(3));
    }

    [TestCase("partners/hub/cohorts", "\"name\":\"x\"", "cohort_id must be a valid string")]
    [TestCase("partners/hub/cohorts", "\"cohort_id\":\"k\",\"name\":\"\"", "name must be a non-empty string")]
    [TestCase("partners/hub/cohorts", "\"cohort_id\":\"k\",\"name\":\"x\",\"created_at\":\"soon\"", "created_at must be a valid time")]
    [TestCase("partners/hub/cohorts/users", "\"cohort_id\":\"k\",\"cohort_changes\":{}", "cohort_changes must be an array of objects")]
    public async Task Should_refuse_what_it_cannot_read_or_is_too_much(string path, string body, string message)
    {
        var refused = await _braze.PostAsync(path, $$"""{{{Secrets}},{{body}}}""", 400);
        Assert.That(refused.GetProperty("message").GetString(), Is.EqualTo(message));
        await ChangeAsync($$"""{"user_ids":[{{string.Join(',', Enumerable.Range(0, 1001).Select(id => $"\"{id}\""))}}]}""", 400);
        await ChangeAsync($$"""{"user_ids":[{{string.Join(',', Enumerable.Range(0, 1000).Select(id => $"\"{id}\""))}}]}""", 201);
    }

    [Test]
    public async Task Should_be_locked_while_it_is_written()
    {
        _braze.Room.Knobs.ApplyDelay = TimeSpan.FromSeconds(10);
        await ChangeAsync("""{"user_ids":["a"]}""", 201);
        await ChangeAsync("""{"user_ids":["b"]}""", 423);
        _braze.Time.Advance(TimeSpan.FromSeconds(16));
        await ChangeAsync("""{"user_ids":["b"]}""", 201);
    }

    private Task ChangeAsync(string change, int status)
        => _braze.PostAsync("partners/hub/cohorts/users", $$"""{{{Secrets}},"cohort_id":"k","cohort_changes":[{{change}}]}""", status);
}
