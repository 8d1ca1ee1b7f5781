using System.Net.Sockets;
using IntegrationHub.Connectors.Abstractions;
using static Connectors.Tests.Marketo.People;

namespace Connectors.Tests.Marketo;

/// <summary>What the network does is called by its name, at the call and at the token, and what never left is not ambiguous.</summary>
public sealed class When_the_network_fails
{
    [TestCase(HttpRequestError.ConnectionError, SocketError.ConnectionRefused, "connection_refused")]
    [TestCase(HttpRequestError.ConnectionError, SocketError.TimedOut, "timeout")]
    [TestCase(HttpRequestError.ConnectionError, SocketError.HostUnreachable, "not_reached")]
    [TestCase(HttpRequestError.NameResolutionError, SocketError.HostNotFound, "dns")]
    [TestCase(HttpRequestError.SecureConnectionError, SocketError.Success, "tls")]
    [TestCase(HttpRequestError.ProxyTunnelError, SocketError.Success, "proxy")]
    public async Task Should_name_it_and_send_an_event_again(HttpRequestError error, SocketError cause, string code)
    {
        foreach (var isToken in new[] { false, true })
        {
            var failure = new HttpRequestException(error, "about canary", new SocketException((int)cause));
            using var marketo = new ScriptedMarketo().Rows(ScriptedMarketo.PurchaseType).Rows(ScriptedMarketo.PurchaseAttributes).Answer(() => throw failure);
            if (isToken)
            {
                marketo.Identity = _ => throw failure;
            }

            var receipt = await marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "501")), default);
            Assert.That(receipt.Told(), Is.EqualTo(new[] { $"1 NotSent {code} #501" }));
            Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Unavailable, code)));
        }
    }

    [Test]
    public async Task Should_not_send_an_event_again_once_the_call_may_have_arrived()
    {
        using var marketo = new ScriptedMarketo().Rows(ScriptedMarketo.PurchaseType).Rows(ScriptedMarketo.PurchaseAttributes)
            .Answer(() => throw new HttpRequestException(HttpRequestError.ResponseEnded, "reset"));
        Assert.That((await marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(1, "501")), default)).Told(), Is.EqualTo(new[] { "1 Ambiguous ambiguous #501" }));
    }

    [Test]
    public async Task Should_name_a_real_port_where_nobody_listens()
    {
        using var port = new TcpListener(System.Net.IPAddress.Loopback, 0);
        port.Start();
        var address = (System.Net.IPEndPoint)port.LocalEndpoint;
        port.Stop();
        using var scripted = new ScriptedMarketo();
        using var transport = new SocketsHttpHandler();
        var connector = new IntegrationHub.Connectors.Marketo.MarketoConnectorFactory().Create(new ConnectorContext
        {
            Settings = scripted.Settings() with { BaseUrl = new Uri($"http://127.0.0.1:{address.Port}") },
            Transport = transport,
            Time = TimeProvider.System,
            Loggers = Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
        })(OpenGate.Instance);
        Assert.That(await connector.CheckAsync(default), Is.EqualTo(new DestinationCondition(DestinationTrouble.Unavailable, "connection_refused")));
    }
}
