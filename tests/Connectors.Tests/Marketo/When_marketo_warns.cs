using Connectors.Tests.Conformance;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Connectors.Marketo.Wire;
using static Connectors.Tests.Marketo.People;

namespace Connectors.Tests.Marketo;

/// <summary>The envelope and the object <c>Warning</c> (an integer code and a message) as Adobe's Swagger file of the lead database defines them; the Asset API's warnings are texts.</summary>
public sealed class When_marketo_warns
{
    [TestCase("""{"requestId":"a","success":true,"result":[],"warnings":[]}""", "")]
    [TestCase("""{"requestId":"a","success":true,"result":[],"warnings":[{"code":4711,"message":"about person1@example.test"}]}""", "4711")]
    [TestCase("""{"warnings":[{"message":"x","code":"12"},{"code":4711,"message":"y"},{"code":12,"message":"z"}],"success":true}""", "12 4711")]
    [TestCase("""{"success":true,"warnings":["No assets found for the given search criteria."],"result":[]}""", "unknown")]
    [TestCase("""{"success":true,"warnings":[{"code":"person1@example.test","message":""}]}""", "unknown")]
    [TestCase("""{"success":true,"result":[{"id":1,"warnings":[{"code":1}]}]}""", "")]
    [TestCase("""{"success":true,"warnings":[{"code":1""", "")]
    [TestCase("\"warnings\",4711", "")]
    public void Should_be_heard_by_the_codes_of_the_envelope(string body, string codes) =>
        Assert.That(string.Join(' ', MarketoWarnings.In(System.Text.Encoding.UTF8.GetBytes(body))), Is.EqualTo(codes));

    [Test]
    public async Task Should_be_told_with_the_call_and_change_nothing_of_its_answer()
    {
        var heard = new HeardNotices();
        using var marketo = new ScriptedMarketo { Notices = heard }.Answer("""{"requestId":"e42b#1","success":true,"result":[{"id":501,"status":"updated"}],"warnings":[{"code":4711,"message":"about person1@example.test"}]}""");
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);

        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #501" }));
        Assert.That(heard.All.Select(said => (said.Endpoint.Path, said.Notice)), Is.EqualTo(new[] { ("/rest/v1/leads.json", new VendorNotice(NoticeKind.Warning) { Code = "4711" }) }));
    }
}
