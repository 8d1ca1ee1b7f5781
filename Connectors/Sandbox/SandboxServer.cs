using System.Net;
using IntegrationHub.Connectors.Sandbox.Braze;
using IntegrationHub.Connectors.Sandbox.HubSpot;
using IntegrationHub.Connectors.Sandbox.Marketo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Connectors.Sandbox;

/// <summary>All vendors' sandboxes on one port, each below its name: <c>/braze</c>, <c>/hubspot</c>, <c>/marketo</c>. Writes no logs.</summary>
public sealed class SandboxServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Uri _address;

    private SandboxServer(WebApplication app, IReadOnlyDictionary<string, VendorRoom> rooms, Uri address)
    {
        _app = app;
        _address = address;
        Rooms = rooms;
    }

    /// <summary>The vendors by name.</summary>
    public IReadOnlyDictionary<string, VendorRoom> Rooms { get; }

    /// <summary>The room of a vendor.</summary>
    /// <exception cref="ArgumentException">There is no sandbox of that name.</exception>
    public VendorRoom this[string vendor] => Rooms.TryGetValue(vendor, out var room)
        ? room
        : throw new ArgumentException($"There is no sandbox '{vendor}'; use one of {string.Join(", ", Rooms.Keys)}.", nameof(vendor));

    /// <summary>The base URL for a connector of the vendor, without a trailing slash.</summary>
    public Uri BaseUrl(string vendor) => new(_address, this[vendor].Vendor.Name);

    /// <summary>Starts serving.</summary>
    public static async Task<SandboxServer> StartAsync(SandboxOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rooms = Vendors(options).ToDictionary(room => room.Vendor.Name, StringComparer.Ordinal);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Parse(options.Address), options.Port);
        });

        var app = builder.Build();
        app.UseRouting();
        foreach (var room in rooms.Values)
        {
            Map(app, room);
        }

        app.Map("/healthz/ready", (RequestDelegate)(http => http.Response.WriteAsync("ready", http.RequestAborted))); // for the verb 'health', as at a hub
        await app.StartAsync(cancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new SandboxServer(app, rooms, new Uri(address));
    }

    /// <summary>Stops serving at once; calls in flight are cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    private static IEnumerable<VendorRoom> Vendors(SandboxOptions options)
    {
        yield return Room(options, knobs => new BrazeSandbox(knobs, options.Time));
        yield return Room(options, knobs => new HubSpotSandbox(knobs, options.Time));
        yield return Room(options, knobs => new MarketoSandbox(knobs, options.Time));
    }

    private static VendorRoom Room(SandboxOptions options, Func<SandboxKnobs, IVendorSandbox> create)
    {
        var knobs = SandboxKnobs.From(options);
        return new VendorRoom(create(knobs), knobs, options.Time);
    }

    private static void Map(WebApplication app, VendorRoom room)
    {
        var prefix = $"/{room.Vendor.Name}";
        var endpoints = new SandboxEndpoints();
        room.Vendor.Map(endpoints);
        foreach (var endpoint in endpoints.All)
        {
            app.MapMethods($"{prefix}/{endpoint.Path}", [endpoint.Method], room.Serve(endpoint.Path, endpoint.Handler));
        }

        app.Map($"{prefix}/_sandbox/{{verb}}", new RequestDelegate(new SandboxControl(room).ServeAsync));
        app.Map($"{prefix}/{{**rest}}", room.Serve("(unknown)", endpoints.NotFound));
    }
}
