using IntegrationHub.Hub.Observability;

namespace IntegrationHub.Hub.Tests.Observability;

public sealed class When_a_call_is_traced
{
    [TestCase("https://api.hubapi.com/communication-preferences/v4/statuses/ada%40example.test/unsubscribe-all?channel=EMAIL", "https://api.hubapi.com/communication-preferences/v4/statuses/{address}/unsubscribe-all")]
    [TestCase("https://x.mktorest.com/rest/v1/leads.json?filterValues=ada@example.test", "https://x.mktorest.com/rest/v1/leads.json")]
    public void Should_name_nobody(string address, string expected) =>
        Assert.That(TelemetryExport.WithoutPeople(new Uri(address)), Is.EqualTo(expected));
}
